//! Tests of marts.
