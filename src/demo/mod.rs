//! A made-up company, in this process.
