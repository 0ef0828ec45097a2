//! Stage 3, read: from bytes to pages of text. The only stage that touches hostile bytes and native libraries.

pub mod gate;
