use std::io;
use std::os::fd::{IntoRawFd, RawFd};

use crate::lent;
use crate::output::Output;
use crate::peer::{MAX_READ, Peer, Read};
use crate::system::{self, Poll};

/// What waited for a peer has gone. No error of the system and no count of bytes.
pub const DRAINED: i32 = i32::MIN;
/// Events that the system tells at once.
const MAX_TOLD: usize = 4096;

/// A call that makes no sense. Nothing has been done.
#[derive(Debug, PartialEq, Eq)]
pub enum Misuse {
    NoPeer(u32),
    /// Not a connection over TCP that was lent.
    NoConnection(RawFd),
    /// Not as many ends and results as peers.
    Lengths,
    /// The ends do not go up, or go beyond the data.
    Ends,
    /// Room for less than two events or one read.
    NoRoom,
    /// Something waits for the peer, or it was ended, or it is broken.
    Touched(u32),
}

impl core::fmt::Display for Misuse {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoPeer(number) => write!(f, "there is no peer {number}"),
            Self::NoConnection(socket) => {
                write!(f, "{socket} is no descriptor of a connection that was taken")
            }
            Self::Lengths => f.write_str("there must be one end and one result for each peer"),
            Self::Ends => f.write_str("the ends must go up and stay within the data"),
            Self::NoRoom => write!(f, "there must be room for two events and {MAX_READ} bytes"),
            Self::Touched(number) => write!(f, "peer {number} was written to, ended or is broken"),
        }
    }
}

impl core::error::Error for Misuse {}

/// Why a peer was not added. Its descriptor is still the caller's.
#[derive(Debug)]
pub enum AddError {
    Misuse(Misuse),
    System(io::Error),
}

/// A place, given again when its peer is gone. The age tells its peers apart.
#[derive(Debug, Default)]
struct Slot {
    age: u32,
    peer: Option<Peer>,
}

/// Sockets that are read and written in one call for all.
#[derive(Debug)]
pub struct Peers {
    poll: Poll,
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// What the system has told; that from `next` on is still to be dealt with, before it is asked again.
    told: Vec<libc::epoll_event>,
    next: usize,
    end: usize,
}

impl Peers {
    /// # Errors
    ///
    /// The system has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        Ok(Self { poll, slots: Vec::new(), free: Vec::new(), told: Vec::new(), next: 0, end: 0 })
    }

    /// Readable when [`Peers::poll`] has something to tell.
    pub fn descriptor(&self) -> RawFd {
        self.poll.descriptor()
    }

    pub fn is_empty(&self) -> bool {
        self.free.len() == self.slots.len()
    }

    /// Takes a lent descriptor over; its peer is paused.
    ///
    /// # Errors
    ///
    /// [`AddError`].
    pub fn add(&mut self, socket: RawFd) -> Result<u32, AddError> {
        let no_connection = AddError::Misuse(Misuse::NoConnection(socket));
        let Some(owned) = lent::take_back(socket) else { return Err(no_connection) };
        let number = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            (self.slots.len() - 1) as u32
        });
        let slot = &mut self.slots[number as usize];
        match Peer::add(owned, &self.poll, name_of(slot.age, number)) {
            Ok(peer) => {
                slot.peer = Some(peer);
                Ok(number)
            }
            Err((owned, error)) => {
                self.free.push(number);
                if system::is_no_connection(&error) {
                    // Closed by somebody else: what has the number now is not ours to close.
                    let _ = owned.into_raw_fd();
                    return Err(no_connection);
                }
                lent::lend(owned);
                Err(AddError::System(error))
            }
        }
    }

    /// # Errors
    ///
    /// [`Misuse::NoPeer`].
    pub fn set_paused(&mut self, number: u32, is_paused: bool) -> Result<(), Misuse> {
        self.with(number, |peer| peer.pause(is_paused))
    }

    /// No more is sent, once what waits has gone.
    ///
    /// # Errors
    ///
    /// [`Misuse::NoPeer`].
    pub fn end(&mut self, number: u32) -> Result<(), Misuse> {
        self.with(number, Peer::end)
    }

    /// # Errors
    ///
    /// [`Misuse::NoPeer`].
    pub fn queued_bytes(&self, number: u32) -> Result<usize, Misuse> {
        self.peer(number).map(Peer::queued_bytes)
    }

    /// # Errors
    ///
    /// [`Misuse::NoPeer`].
    pub fn sent_bytes(&self, number: u32) -> Result<u64, Misuse> {
        self.peer(number).map(Peer::sent_bytes)
    }

    /// At once; what waits is lost. With `reset` its system is told that.
    ///
    /// # Errors
    ///
    /// [`Misuse::NoPeer`].
    pub fn close(&mut self, number: u32, reset: bool) -> Result<(), Misuse> {
        let peer = self.remove(number)?;
        if reset {
            peer.into_reset();
        }
        Ok(())
    }

    /// Lends the descriptor again, as it was.
    ///
    /// # Errors
    ///
    /// [`Misuse::NoPeer`], [`Misuse::Touched`].
    pub fn detach(&mut self, number: u32) -> Result<RawFd, Misuse> {
        if !self.peer(number)?.is_untouched() {
            return Err(Misuse::Touched(number));
        }
        let socket = self.remove(number)?.into_socket(&self.poll);
        Ok(lent::lend(socket))
    }

    /// Tells what happened: pairs of a peer and what; returns how many.
    ///
    /// # Errors
    ///
    /// [`Misuse::NoRoom`].
    pub fn poll(&mut self, events: &mut [i32], data: &mut [u8]) -> Result<usize, Misuse> {
        let mut output = Output::new(events, data);
        if !output.has_room() {
            return Err(Misuse::NoRoom);
        }
        // Those for whom there was no room come first: else a few that always talk could keep others out.
        self.deal(&mut output);
        if self.next == self.end {
            let most = output.events_left().min(MAX_TOLD);
            if self.told.len() < most {
                self.told.resize(most, libc::epoll_event { events: 0, u64: 0 });
            }
            (self.next, self.end) = (0, self.poll.told(&mut self.told[..most]));
            self.deal(&mut output);
        }
        Ok(output.count())
    }

    /// Sends to the n-th peer what lies between the end before and its own, and notes what waits for it then.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Misuse`].
    pub fn send(
        &mut self,
        peers: &[i32],
        ends: &[u32],
        data: &[u8],
        queued: &mut [u32],
    ) -> Result<(), Misuse> {
        if ends.len() != peers.len() || queued.len() != peers.len() {
            return Err(Misuse::Lengths);
        }
        let within = ends.last().is_none_or(|&end| end as usize <= data.len());
        if !within || !ends.is_sorted() {
            return Err(Misuse::Ends);
        }
        if let Some(number) =
            peers.iter().map(|peer| peer.cast_unsigned()).find(|&peer| self.peer(peer).is_err())
        {
            return Err(Misuse::NoPeer(number));
        }
        let mut start = 0;
        for ((&number, &end), queued) in peers.iter().zip(ends).zip(queued) {
            let end = end as usize;
            self.with(number.cast_unsigned(), |peer| {
                peer.send(&data[start..end]);
                *queued = peer.queued_bytes() as u32;
            })?;
            start = end;
        }
        Ok(())
    }

    fn peer(&self, number: u32) -> Result<&Peer, Misuse> {
        let slot = self.slots.get(number as usize);
        slot.and_then(|slot| slot.peer.as_ref()).ok_or(Misuse::NoPeer(number))
    }

    fn with<T>(&mut self, number: u32, change: impl FnOnce(&mut Peer) -> T) -> Result<T, Misuse> {
        let slot = self.slots.get_mut(number as usize);
        let Some(Slot { age, peer: Some(peer) }) = slot else { return Err(Misuse::NoPeer(number)) };
        let result = change(peer);
        peer.watch(&self.poll, name_of(*age, number));
        Ok(result)
    }

    fn remove(&mut self, number: u32) -> Result<Peer, Misuse> {
        let slot = self.slots.get_mut(number as usize);
        let peer = slot.and_then(|slot| {
            let peer = slot.peer.take()?;
            slot.age = slot.age.wrapping_add(1);
            Some(peer)
        });
        let peer = peer.ok_or(Misuse::NoPeer(number))?;
        self.free.push(number);
        Ok(peer)
    }

    fn deal(&mut self, output: &mut Output<'_>) {
        while self.next < self.end && output.has_room() {
            let libc::epoll_event { events, u64: name } = self.told[self.next];
            self.next += 1;
            let number = name as u32;
            let Some(Slot { age, peer: Some(peer) }) = self.slots.get_mut(number as usize) else { continue };
            // Else it was told of one who had the place before.
            if name_of(*age, number) == name {
                tell(peer, number, events.cast_signed(), output);
                peer.watch(&self.poll, name);
            }
        }
    }
}

fn tell(peer: &mut Peer, number: u32, events: i32, output: &mut Output<'_>) {
    const BROKEN: i32 = libc::EPOLLERR | libc::EPOLLHUP;
    if events & (libc::EPOLLOUT | BROKEN) != 0 && peer.flush() {
        output.push(number, DRAINED);
    }
    if events & (libc::EPOLLIN | BROKEN) != 0 {
        match peer.read(output.next_read()) {
            Read::Bytes(count) => output.push_read(number, count),
            Read::End => output.push(number, 0),
            Read::Nothing => {}
        }
    }
    if let Some(error) = peer.take_error() {
        output.push(number, -error);
    }
}

const fn name_of(age: u32, number: u32) -> u64 {
    (age as u64) << 32 | number as u64
}
