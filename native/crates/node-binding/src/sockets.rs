//! Sockets of many peers on Node's own event loop. Where the system has no epoll, Node's streams are the way.

#[cfg(target_os = "linux")]
mod acceptor;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod peers;
#[cfg(target_os = "linux")]
mod watch;

use napi_derive::napi;

#[cfg(target_os = "linux")]
use crate::failure::Failure;

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
