use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;

use crate::system::{self, Poll};

/// The most of one read: a peer that says more is read again after the others.
pub const MAX_READ: usize = 16 * 1024;
/// The most that waits for one peer. The owner sends away who does not keep up, long before this.
pub const MAX_QUEUED: usize = 16 << 20;

/// No interest but that of an edge: the system always tells of broken sockets, and must not do so all the time.
const IDLE: i32 = libc::EPOLLET;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Well,
    /// With this error, which the owner does not know yet.
    Broken(i32),
    /// The owner knows.
    Told,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    No,
    /// When nothing waits any more.
    Asked,
    Done,
}

/// What a read has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    Nothing,
    Bytes(usize),
    /// The peer sends no more.
    End,
}

/// One socket: what waits for it, and what its owner wants to hear of it. Some eighty bytes while nothing waits.
#[derive(Debug)]
pub struct Peer {
    socket: OwnedFd,
    interest: i32,
    queue: VecDeque<u8>,
    sent_bytes: u64,
    health: Health,
    ending: Ending,
    is_paused: bool,
    has_ended: bool,
}

impl Peer {
    /// In the poll by this name, and paused.
    pub fn add(socket: OwnedFd, poll: &Poll, name: u64) -> Result<Self, (OwnedFd, io::Error)> {
        match system::prepare_connection(&socket).and_then(|()| poll.add(&socket, IDLE, name)) {
            Ok(()) => Ok(Self {
                socket,
                interest: IDLE,
                queue: VecDeque::new(),
                sent_bytes: 0,
                health: Health::Well,
                ending: Ending::No,
                is_paused: true,
                has_ended: false,
            }),
            Err(error) => Err((socket, error)),
        }
    }

    pub fn queued_bytes(&self) -> usize {
        self.queue.len()
    }

    pub const fn sent_bytes(&self) -> u64 {
        self.sent_bytes
    }

    pub const fn pause(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// Whether its socket can be given away as it is.
    pub fn is_untouched(&self) -> bool {
        self.queue.is_empty() && self.ending == Ending::No && self.health == Health::Well
    }

    pub fn into_socket(self, poll: &Poll) -> OwnedFd {
        poll.remove(&self.socket);
        self.socket
    }

    pub fn into_reset(self) {
        // A socket always takes it, and is closed in any case.
        drop(system::reset(self.socket));
    }

    /// Tells the system what is to be heard of, if that has changed.
    pub fn watch(&mut self, poll: &Poll, name: u64) {
        let reads = self.health == Health::Well && !self.is_paused && !self.has_ended;
        let mut interest = 0;
        if reads || matches!(self.health, Health::Broken(_)) {
            interest |= libc::EPOLLIN;
        }
        if !self.queue.is_empty() {
            interest |= libc::EPOLLOUT;
        }
        if interest == 0 {
            interest = IDLE;
        }
        if interest != self.interest {
            self.interest = interest;
            poll.change(&self.socket, interest, name);
        }
    }

    /// Sends what can be sent and keeps the rest. Who is broken or ended gets nothing.
    pub fn send(&mut self, text: &[u8]) {
        if text.is_empty() || self.health != Health::Well || self.ending != Ending::No {
            return;
        }
        let taken = if self.queue.is_empty() { self.send_now(text) } else { 0 };
        let rest = &text[taken..];
        if self.health != Health::Well || rest.is_empty() {
            return;
        }
        if self.queue.len() + rest.len() > MAX_QUEUED {
            self.break_with(libc::ENOBUFS);
        } else {
            self.queue.extend(rest);
        }
    }

    pub fn end(&mut self) {
        if self.ending == Ending::No {
            self.ending = Ending::Asked;
            self.finish();
        }
    }

    /// Goes on with what waits. Whether something did, and all of it has gone.
    pub fn flush(&mut self) -> bool {
        if self.queue.is_empty() {
            return false;
        }
        loop {
            // A ring has its bytes in one piece or in two.
            let (next, _) = self.queue.as_slices();
            if next.is_empty() {
                break;
            }
            match system::send(&self.socket, next) {
                Ok(taken) => {
                    self.sent_bytes += taken as u64;
                    self.queue.drain(..taken);
                }
                Err(error) if is_for_now(&error) => return false,
                Err(error) => {
                    self.break_with(error.raw_os_error().unwrap_or(libc::EIO));
                    return false;
                }
            }
        }
        self.queue = VecDeque::new();
        self.finish();
        true
    }

    /// Reads once, if its owner wants to hear of it.
    pub fn read(&mut self, into: &mut [u8]) -> Read {
        if self.is_paused || self.has_ended || self.health != Health::Well {
            return Read::Nothing;
        }
        match system::receive(&self.socket, into) {
            Ok(0) => {
                self.has_ended = true;
                Read::End
            }
            Ok(count) => Read::Bytes(count),
            Err(error) if is_for_now(&error) => Read::Nothing,
            Err(error) => {
                self.break_with(error.raw_os_error().unwrap_or(libc::EIO));
                Read::Nothing
            }
        }
    }

    /// The error of a broken socket, once.
    pub const fn take_error(&mut self) -> Option<i32> {
        match self.health {
            Health::Broken(error) => {
                self.health = Health::Told;
                Some(error)
            }
            Health::Well | Health::Told => None,
        }
    }

    fn send_now(&mut self, text: &[u8]) -> usize {
        match system::send(&self.socket, text) {
            Ok(taken) => {
                self.sent_bytes += taken as u64;
                taken
            }
            Err(error) if is_for_now(&error) => 0,
            Err(error) => {
                self.break_with(error.raw_os_error().unwrap_or(libc::EIO));
                0
            }
        }
    }

    fn finish(&mut self) {
        if self.ending == Ending::Asked && self.queue.is_empty() && self.health == Health::Well {
            self.ending = Ending::Done;
            system::shut_down(&self.socket, libc::SHUT_WR);
        }
    }

    /// Nothing more comes of it but its error. Shut down both ways, so that the system has something to tell.
    fn break_with(&mut self, error: i32) {
        self.health = Health::Broken(error);
        self.queue = VecDeque::new();
        system::shut_down(&self.socket, libc::SHUT_RDWR);
    }
}

/// No room or no memory just now: the system tells when it is worth another try.
fn is_for_now(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::ENOBUFS | libc::ENOMEM))
}
