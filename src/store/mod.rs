//! Files to domain and back.
