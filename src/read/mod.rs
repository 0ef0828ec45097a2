//! Stage 3, read: from open descriptors to pages, in reader processes. The only stage that touches hostile bytes and
//! native libraries.
//!
//! [`pool`] is what the sweep uses; [`reader`] is what runs on the other side of the socket; [`gate`] decides what to
//! recognize and [`page`] carries it out.

mod believe;
pub mod below;
pub mod gate;
pub mod lock;
pub mod page;
pub mod pool;
pub mod process;
pub mod protocol;
pub mod prove;
pub mod reader;
pub mod sandbox;
pub mod spool;
mod unpack;
mod unpacking;
mod worker;
