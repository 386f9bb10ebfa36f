//! Releases and windows as a calendar.
