use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{OwnedFd, RawFd};

use crate::lent;
use crate::system::{self, Poll, Timer};

/// So few that the turn of the event loop is over soon for everybody else.
const ACCEPTED_A_TURN: usize = 64;
/// Without descriptors left every turn would fail at once: somebody has to close one first.
const REST_MS: u16 = 100;

const LISTENER: u64 = 0;
const REST_OVER: u64 = 1;

#[derive(Clone, Copy, Debug)]
pub struct ListenOptions {
    pub address: SocketAddr,
    /// Connections that wait in the system.
    pub backlog: i32,
    pub reuse_port: bool,
    /// Connections that wait here.
    pub max_waiting: usize,
}

/// A connection for the caller, who has its descriptor from now on.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken {
    pub socket: RawFd,
    /// IPv4 as such, also where it came over IPv6.
    pub ip: IpAddr,
    pub port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Listening,
    /// As many wait here as may.
    Full,
    /// The system had no descriptor or no memory for another one.
    Resting,
}

/// A listening socket, and connections that are accepted but not yet taken.
#[derive(Debug)]
pub struct Acceptor {
    poll: Poll,
    listener: OwnedFd,
    rest: Timer,
    state: State,
    waiting: VecDeque<(OwnedFd, SocketAddr)>,
    max_waiting: usize,
    port: u16,
}

impl Acceptor {
    /// # Errors
    ///
    /// What the system says to the address, or that it has no descriptors left.
    pub fn listen(options: &ListenOptions) -> io::Result<Self> {
        let listener = system::listen(options.address, options.backlog, options.reuse_port)?;
        let port = system::local_address(&listener)?.port();
        let (poll, rest) = (Poll::new()?, Timer::new()?);
        poll.add(&rest.0, libc::EPOLLIN, REST_OVER)?;
        poll.add(&listener, libc::EPOLLIN, LISTENER)?;
        let (waiting, max_waiting) = (VecDeque::new(), options.max_waiting);
        Ok(Self { poll, listener, rest, state: State::Listening, waiting, max_waiting, port })
    }

    /// Readable when [`Acceptor::accept`] has something to do.
    pub fn descriptor(&self) -> RawFd {
        self.poll.descriptor()
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Accepts those who knock, a bounded number of them; returns how many.
    pub fn accept(&mut self) -> usize {
        if self.state == State::Resting && self.rest.has_run_out() {
            self.listen_again();
        }
        if self.state != State::Listening {
            return 0;
        }
        let before = self.waiting.len();
        for _ in 0..ACCEPTED_A_TURN {
            if self.waiting.len() >= self.max_waiting {
                self.stop(State::Full);
                break;
            }
            match system::accept(&self.listener) {
                Ok(connection) => self.waiting.push_back(connection),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if is_of_the_peer(&error) => {}
                Err(_) => {
                    self.rest();
                    break;
                }
            }
        }
        self.waiting.len() - before
    }

    /// The oldest that is still there. Those that left are closed on the way.
    pub fn take(&mut self) -> Option<Taken> {
        let taken = loop {
            let Some((socket, address)) = self.waiting.pop_front() else { break None };
            if !system::is_gone(&socket) {
                let (ip, port) = (address.ip().to_canonical(), address.port());
                break Some(Taken { socket: lent::lend(socket), ip, port });
            }
        };
        // Not with each one: to stop and to go on are two calls to the system.
        if self.state == State::Full && self.waiting.len() <= self.max_waiting / 2 {
            self.listen_again();
        }
        taken
    }

    fn rest(&mut self) {
        self.rest.start(REST_MS);
        self.stop(State::Resting);
    }

    fn stop(&mut self, state: State) {
        self.poll.remove(&self.listener);
        self.state = state;
    }

    fn listen_again(&mut self) {
        self.state = State::Listening;
        if self.poll.add(&self.listener, libc::EPOLLIN, LISTENER).is_err() {
            // No memory for it; later perhaps.
            self.rest.start(REST_MS);
            self.state = State::Resting;
        }
    }
}

impl Drop for Acceptor {
    fn drop(&mut self) {
        for (socket, _) in self.waiting.drain(..) {
            // A socket always takes it, and is closed in any case.
            drop(system::reset(socket));
        }
    }
}

/// Of the connection that was to be accepted, which is gone; the next one may be well. The list is that of
/// accept(2), with what a firewall says.
fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(
            libc::EINTR
                | libc::ECONNABORTED
                | libc::EPERM
                | libc::EPROTO
                | libc::ENOPROTOOPT
                | libc::EOPNOTSUPP
                | libc::ENETDOWN
                | libc::ENETUNREACH
                | libc::EHOSTDOWN
                | libc::EHOSTUNREACH
                | libc::ENONET
                | libc::ETIMEDOUT
        )
    )
}
