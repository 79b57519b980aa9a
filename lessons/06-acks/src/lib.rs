//! Lesson 6: calls that are answered.
