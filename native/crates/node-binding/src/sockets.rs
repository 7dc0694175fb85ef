//! Sockets of many peers on Node's own event loop. Where the system has no epoll, Node's streams are the way.

#[cfg(target_os = "linux")]
mod acceptor;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod peers;
#[cfg(target_os = "linux")]
mod watch;

use napi::bindgen_prelude::{Int32ArraySlice, Uint8ArraySlice, Uint32ArraySlice};
use napi_derive::napi;
use otedama_socket_writes::send_each as send_to_each;

use crate::failure::{CodedError, Failure, guard_throwing};

#[napi(object)]
pub struct ListenOptions {
    pub host: String,
    pub port: f64,
    pub backlog: f64,
    pub reuse_port: bool,
    pub max_waiting: f64,
}

#[napi(object)]
pub struct Connection {
    pub socket: i32,
    pub address: String,
    pub port: u32,
}

/// What a poll of PeerSockets tells when all that waited for a peer has gone: neither an error nor a count of bytes.
#[napi]
pub const DRAINED: i32 = i32::MIN;

#[napi]
pub const fn has_native_sockets() -> bool {
    cfg!(target_os = "linux")
}

/// With the code that Node has for it.
#[cfg(target_os = "linux")]
fn system_failure(what: &str, error: &std::io::Error) -> Failure {
    let code = match error.raw_os_error() {
        Some(libc::EACCES) => "EACCES",
        Some(libc::EADDRINUSE) => "EADDRINUSE",
        Some(libc::EADDRNOTAVAIL) => "EADDRNOTAVAIL",
        Some(libc::EAFNOSUPPORT) => "EAFNOSUPPORT",
        Some(libc::EINVAL) => "EINVAL",
        Some(libc::EMFILE) => "EMFILE",
        Some(libc::ENFILE) => "ENFILE",
        Some(libc::ENOBUFS) => "ENOBUFS",
        Some(libc::ENOMEM) => "ENOMEM",
        Some(libc::ENOSPC) => "ENOSPC",
        Some(libc::EPERM) => "EPERM",
        _ => "SYSTEM",
    };
    Failure::new(code, format!("{what}: {code}, {error}"))
}

/// Sends a part of the data to each socket and notes how much of it the system took.
#[napi]
pub fn send_each(
    sockets: Int32ArraySlice<'_>,
    ends: Uint32ArraySlice<'_>,
    data: Uint8ArraySlice<'_>,
    mut taken: Uint32ArraySlice<'_>,
) -> Result<(), CodedError> {
    guard_throwing(|| {
        // SAFETY: JavaScript runs on this thread only, and the call is over before it goes on.
        let taken = unsafe { taken.as_mut() };
        send_to_each(&sockets, &ends, &data, taken).map_err(|error| Failure::argument(error.to_string()))
    })
}
