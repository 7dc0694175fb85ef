//! Sockets of ten thousand peers, of which none is worth a call of its own.
//!
//! An [`Acceptor`] takes connections in, [`Peers`] reads and writes them. Each has one epoll descriptor, which somebody else's event loop watches:
//! when it is readable, one call deals with everything that happened. Nothing here waits, has a thread or a clock.
//!
//! Linux only; elsewhere the crate is empty.
#![cfg(target_os = "linux")]

mod acceptor;
mod lent;
mod output;
mod peer;
mod peers;
mod system;

pub use acceptor::{Acceptor, ListenOptions, Taken};
pub use lent::reset;
pub use peer::{MAX_QUEUED, MAX_READ};
pub use peers::{AddError, DRAINED, Misuse, Peers};
