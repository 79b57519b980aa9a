//! Lesson 5: events, and a hub that gets each one to exactly the right sockets.
