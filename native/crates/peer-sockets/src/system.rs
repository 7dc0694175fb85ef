//! The system calls, each behind a function that is safe to call.

// Only here: every block carries its proof.
#![allow(unsafe_code)]

use std::io;
use std::mem::{size_of, zeroed};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use libc::{c_int, c_void, socklen_t};

const KEEP_ALIVE_SECONDS: c_int = 60;
const KEEP_ALIVE_AGAIN_SECONDS: c_int = 10;
const KEEP_ALIVE_TIMES: c_int = 6;

fn checked(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// For calls that return a descriptor that nobody else has.
fn owned(result: c_int) -> io::Result<OwnedFd> {
    // SAFETY: the system has just given this descriptor to the caller, and to nobody else.
    checked(result).map(|descriptor| unsafe { OwnedFd::from_raw_fd(descriptor) })
}

fn set_option(socket: &OwnedFd, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    set_option_of(socket, level, name, &value)
}

fn set_option_of<T>(socket: &OwnedFd, level: c_int, name: c_int, value: &T) -> io::Result<()> {
    let value: *const T = value;
    // SAFETY: the system reads as many bytes as the value has.
    let result = unsafe {
        libc::setsockopt(socket.as_raw_fd(), level, name, value.cast(), size_of::<T>() as socklen_t)
    };
    checked(result).map(drop)
}

/// The descriptor that says whether any of those in it has something.
#[derive(Debug)]
pub struct Poll(OwnedFd);

impl Poll {
    pub fn new() -> io::Result<Self> {
        // SAFETY: takes no pointer.
        owned(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) }).map(Self)
    }

    pub fn descriptor(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    pub fn add(&self, socket: &OwnedFd, interest: c_int, name: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, socket, interest, name)
    }

    /// Of one that is in it.
    pub fn change(&self, socket: &OwnedFd, interest: c_int, name: u64) {
        let changed = self.control(libc::EPOLL_CTL_MOD, socket, interest, name);
        debug_assert!(changed.is_ok(), "it is in there, and needs no memory");
    }

    /// Of one that is in it.
    pub fn remove(&self, socket: &OwnedFd) {
        let removed = self.control(libc::EPOLL_CTL_DEL, socket, 0, 0);
        debug_assert!(removed.is_ok(), "it was in there");
    }

    /// What there is to tell now, at most as many as there is room for; returns how many.
    pub fn told(&self, events: &mut [libc::epoll_event]) -> usize {
        let room = c_int::try_from(events.len()).unwrap_or(c_int::MAX);
        // SAFETY: the system writes at most as many events as there is room for.
        let count = unsafe { libc::epoll_wait(self.descriptor(), events.as_mut_ptr(), room, 0) };
        // It does not wait, so nothing interrupts it; if it did, there would be a next time.
        usize::try_from(count).unwrap_or(0)
    }

    fn control(&self, operation: c_int, socket: &OwnedFd, interest: c_int, name: u64) -> io::Result<()> {
        let mut event = libc::epoll_event { events: interest.cast_unsigned(), u64: name };
        // SAFETY: the event is only read, during the call.
        checked(unsafe { libc::epoll_ctl(self.descriptor(), operation, socket.as_raw_fd(), &raw mut event) })
            .map(drop)
    }
}

/// A timer that a [`Poll`] can have in it.
#[derive(Debug)]
pub struct Timer(pub OwnedFd);

impl Timer {
    pub fn new() -> io::Result<Self> {
        // SAFETY: takes no pointer.
        let timer =
            unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_CLOEXEC | libc::TFD_NONBLOCK) };
        owned(timer).map(Self)
    }

    pub fn start(&self, milliseconds: u16) {
        let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
        let value = libc::timespec { tv_sec: seconds.into(), tv_nsec: libc::c_long::from(rest) * 1_000_000 };
        let once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let setting = libc::itimerspec { it_interval: once, it_value: value };
        // SAFETY: the setting is only read, and the one before is not asked for.
        let result =
            unsafe { libc::timerfd_settime(self.0.as_raw_fd(), 0, &raw const setting, std::ptr::null_mut()) };
        debug_assert!(result == 0, "a timer takes any time that is one");
    }

    /// Whether it has run out since it was asked last.
    pub fn has_run_out(&self) -> bool {
        let mut times = 0_u64;
        let into: *mut u64 = &raw mut times;
        // SAFETY: the system writes at most the eight bytes of the number.
        unsafe { libc::read(self.0.as_raw_fd(), into.cast(), size_of::<u64>()) > 0 }
    }
}

/// A socket that listens as Node's do: a port that was just given up can be had, and `::` has IPv4 too.
pub fn listen(address: SocketAddr, backlog: c_int, reuse_port: bool) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: takes no pointer.
    let socket = owned(unsafe { libc::socket(family, kind, 0) })?;
    set_option(&socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
    if reuse_port {
        set_option(&socket, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1)?;
    }
    if address.is_ipv6() {
        set_option(&socket, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, 0)?;
    }
    bind(&socket, address)?;
    // SAFETY: takes no pointer.
    checked(unsafe { libc::listen(socket.as_raw_fd(), backlog) })?;
    Ok(socket)
}

fn bind(socket: &OwnedFd, address: SocketAddr) -> io::Result<()> {
    let bind_to = |name: *const libc::sockaddr, bytes: usize| {
        // SAFETY: both callers give an address with its own size, and the system only reads it.
        checked(unsafe { libc::bind(socket.as_raw_fd(), name, bytes as socklen_t) }).map(drop)
    };
    match address {
        SocketAddr::V4(address) => {
            let name = libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: address.port().to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(address.ip().octets()) },
                sin_zero: [0; 8],
            };
            bind_to((&raw const name).cast(), size_of_val(&name))
        }
        SocketAddr::V6(address) => {
            let name = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: address.port().to_be(),
                sin6_flowinfo: address.flowinfo(),
                sin6_addr: libc::in6_addr { s6_addr: address.ip().octets() },
                sin6_scope_id: address.scope_id(),
            };
            bind_to((&raw const name).cast(), size_of_val(&name))
        }
    }
}

/// A call that fills in an address.
fn with_address<T>(
    call: impl FnOnce(*mut libc::sockaddr, *mut socklen_t) -> io::Result<T>,
) -> io::Result<(T, SocketAddr)> {
    // SAFETY: all zeros are a storage without a family.
    let mut storage: libc::sockaddr_storage = unsafe { zeroed() };
    let mut bytes = size_of_val(&storage) as socklen_t;
    let value = call((&raw mut storage).cast(), &raw mut bytes)?;
    address_of(&storage).map(|address| (value, address))
}

fn address_of(storage: &libc::sockaddr_storage) -> io::Result<SocketAddr> {
    let storage: *const libc::sockaddr_storage = storage;
    // SAFETY: a storage is large enough and aligned for the address of every family.
    match c_int::from(unsafe { (*storage).ss_family }) {
        libc::AF_INET => {
            // SAFETY: as above, and the family says which one it is.
            let name = unsafe { *storage.cast::<libc::sockaddr_in>() };
            let ip = Ipv4Addr::from(name.sin_addr.s_addr.to_ne_bytes());
            Ok(SocketAddrV4::new(ip, u16::from_be(name.sin_port)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: as above, and the family says which one it is.
            let name = unsafe { *storage.cast::<libc::sockaddr_in6>() };
            let ip = Ipv6Addr::from(name.sin6_addr.s6_addr);
            let port = u16::from_be(name.sin6_port);
            Ok(SocketAddrV6::new(ip, port, name.sin6_flowinfo, name.sin6_scope_id).into())
        }
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

pub fn local_address(socket: &OwnedFd) -> io::Result<SocketAddr> {
    let name = |address, bytes| {
        // SAFETY: the system writes no more than `bytes` says that there is room for.
        checked(unsafe { libc::getsockname(socket.as_raw_fd(), address, bytes) })
    };
    with_address(name).map(|(_, address)| address)
}

/// Neither waits nor lets the socket be waited for, nor be inherited.
pub fn accept(listener: &OwnedFd) -> io::Result<(OwnedFd, SocketAddr)> {
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    with_address(|address, bytes| {
        // SAFETY: the system writes no more than `bytes` says that there is room for.
        owned(unsafe { libc::accept4(listener.as_raw_fd(), address, bytes, flags) })
    })
}

/// A connection for short messages; one whose peer vanished without a word is found out within two minutes.
pub fn prepare_connection(socket: &OwnedFd) -> io::Result<()> {
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1)?;
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_KEEPIDLE, KEEP_ALIVE_SECONDS)?;
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_KEEPINTVL, KEEP_ALIVE_AGAIN_SECONDS)?;
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_KEEPCNT, KEEP_ALIVE_TIMES)?;
    set_option(socket, libc::SOL_SOCKET, libc::SO_KEEPALIVE, 1)
}

/// What [`prepare_connection`] says to a file, a closed descriptor or another kind of socket.
pub fn is_no_connection(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EBADF | libc::ENOTSOCK | libc::ENOPROTOOPT | libc::EOPNOTSUPP | libc::EINVAL)
    )
}

/// Takes what there is; `Ok(0)` when the peer sends no more.
pub fn receive(socket: &OwnedFd, into: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the system writes at most as many bytes as there is room for.
    uninterrupted(|| unsafe {
        libc::recv(socket.as_raw_fd(), into.as_mut_ptr().cast(), into.len(), libc::MSG_DONTWAIT)
    })
}

/// How much the system takes at once.
pub fn send(socket: &OwnedFd, text: &[u8]) -> io::Result<usize> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // SAFETY: the pointer and the length are those of one slice, which is only read.
    uninterrupted(|| unsafe { libc::send(socket.as_raw_fd(), text.as_ptr().cast(), text.len(), flags) })
}

fn uninterrupted(mut call: impl FnMut() -> isize) -> io::Result<usize> {
    loop {
        if let Ok(count) = usize::try_from(call()) {
            return Ok(count);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Of one whose peer is gone there is nothing to shut down.
pub fn shut_down(socket: &OwnedFd, how: c_int) {
    // SAFETY: takes no pointer.
    unsafe { libc::shutdown(socket.as_raw_fd(), how) };
}

/// Whether the peer has reset the connection, or has ended it before it sent anything. A byte that waits stays.
pub fn is_gone(socket: &OwnedFd) -> bool {
    let mut byte = 0_u8;
    let into: *mut u8 = &raw mut byte;
    let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
    // SAFETY: the system writes at most the one byte.
    let count = unsafe { libc::recv(socket.as_raw_fd(), into.cast::<c_void>(), 1, flags) };
    count == 0 || (count < 0 && io::Error::last_os_error().kind() != io::ErrorKind::WouldBlock)
}

/// Closes the connection with a reset: nothing that waits is sent, and no state of it is kept. Only a socket can.
pub fn reset(socket: OwnedFd) -> Result<(), OwnedFd> {
    let at_once = libc::linger { l_onoff: 1, l_linger: 0 };
    match set_option_of(&socket, libc::SOL_SOCKET, libc::SO_LINGER, &at_once) {
        Ok(()) => Ok(()),
        Err(_) => Err(socket),
    }
}
