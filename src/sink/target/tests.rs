//! Targets, as others read them.
