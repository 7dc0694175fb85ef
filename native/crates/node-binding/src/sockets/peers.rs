use std::cell::RefCell;
use std::rc::{Rc, Weak};

use napi::Env;
use napi::bindgen_prelude::{Function, Int32ArraySlice, Uint8ArraySlice, Uint32ArraySlice};
use napi_derive::napi;
use otedama_peer_sockets::{AddError, Misuse, Peers};

use super::system_failure;
use super::watch::{Watch, Watched};
use crate::convert;
use crate::failure::{CodedError, Failure, guard_throwing};

// What the typings promise of the constant.
const _: () = assert!(super::DRAINED == otedama_peer_sockets::DRAINED);

struct Open {
    /// Dropped before the peers: the loop must have let go of the descriptor before that is closed.
    watch: Watch,
    peers: Peers,
}

impl Open {
    /// Without a peer there is nothing to stay for.
    fn rest_if_empty(&self) {
        if self.peers.is_empty() {
            self.watch.stop();
        }
    }
}

#[derive(Default)]
struct Watching(RefCell<Option<Open>>);

impl Watched for Watching {
    fn ready(&self) -> bool {
        self.0.borrow().is_some()
    }

    fn close(&self) {
        self.0.take();
    }
}

/// Many sockets that are read and written in one call for all.
#[napi]
pub struct PeerSockets {
    watching: Rc<Watching>,
}

impl PeerSockets {
    /// `peer` is what JavaScript calls one, here a number that it may be.
    fn with<T>(
        &self,
        peer: f64,
        act: impl FnOnce(&mut Open, u32) -> Result<T, Misuse>,
    ) -> Result<T, CodedError> {
        guard_throwing(|| {
            let number = convert::u32_of("peer", peer)?;
            match self.watching.0.borrow_mut().as_mut() {
                Some(open) => Ok(act(open, number)?),
                None => Err(Misuse::NoPeer(number).into()),
            }
        })
    }
}

#[napi]
impl PeerSockets {
    #[napi(constructor)]
    pub fn new(env: Env, on_events: Function<'_, (), ()>) -> Result<Self, CodedError> {
        guard_throwing(|| {
            let peers = Peers::new().map_err(|error| system_failure("epoll_create1", &error))?;
            let watching = Rc::new(Watching::default());
            let watched: Weak<dyn Watched> = Rc::downgrade(&watching) as _;
            let watch = Watch::open(env, peers.descriptor(), "OtedamaPeerSockets", &on_events, watched)?;
            watching.0.replace(Some(Open { watch, peers }));
            Ok(Self { watching })
        })
    }

    #[napi]
    pub fn add(&self, socket: f64) -> Result<u32, CodedError> {
        guard_throwing(|| {
            let closed = || Failure::new("SOCKETS_CLOSED", "the sockets were disposed of");
            let mut open = self.watching.0.borrow_mut();
            let open = open.as_mut().ok_or_else(closed)?;
            let descriptor = convert::descriptor(socket)
                .ok_or_else(|| Failure::argument("socket must be a descriptor that was taken"))?;
            let was_empty = open.peers.is_empty();
            let number = open.peers.add(descriptor).map_err(|error| match error {
                AddError::Misuse(misuse) => misuse.into(),
                AddError::System(error) => system_failure("add", &error),
            })?;
            if was_empty {
                open.watch.start();
            }
            Ok(number)
        })
    }

    #[napi]
    pub fn pause(&self, peer: f64) -> Result<(), CodedError> {
        self.with(peer, |open, number| open.peers.set_paused(number, true))
    }

    #[napi]
    pub fn resume(&self, peer: f64) -> Result<(), CodedError> {
        self.with(peer, |open, number| open.peers.set_paused(number, false))
    }

    #[napi]
    pub fn poll(
        &self,
        mut events: Int32ArraySlice<'_>,
        mut data: Uint8ArraySlice<'_>,
    ) -> Result<u32, CodedError> {
        guard_throwing(|| {
            apart(&events, &data)?;
            // SAFETY: JavaScript runs on this thread only, the call is over before it goes on, and the two lie apart.
            let (events, data) = unsafe { (events.as_mut(), data.as_mut()) };
            match self.watching.0.borrow_mut().as_mut() {
                Some(open) => Ok(open.peers.poll(events, data)? as u32),
                None => Ok(0),
            }
        })
    }

    #[napi]
    pub fn send(
        &self,
        peers: Int32ArraySlice<'_>,
        ends: Uint32ArraySlice<'_>,
        data: Uint8ArraySlice<'_>,
        mut queued: Uint32ArraySlice<'_>,
    ) -> Result<(), CodedError> {
        guard_throwing(|| {
            apart(&queued, &peers)?;
            apart(&queued, &ends)?;
            apart(&queued, &data)?;
            // SAFETY: JavaScript runs on this thread only, the call is over before it goes on, and what is read
            // meanwhile lies apart from what is written.
            let queued = unsafe { queued.as_mut() };
            match (self.watching.0.borrow_mut().as_mut(), peers.first()) {
                (Some(open), _) => Ok(open.peers.send(&peers, &ends, &data, queued)?),
                (None, Some(peer)) => Err(Misuse::NoPeer(peer.cast_unsigned()).into()),
                (None, None) => Ok(()),
            }
        })
    }

    #[napi]
    pub fn queued_bytes(&self, peer: f64) -> Result<f64, CodedError> {
        self.with(peer, |open, number| Ok(open.peers.queued_bytes(number)? as f64))
    }

    #[napi]
    pub fn sent_bytes(&self, peer: f64) -> Result<f64, CodedError> {
        self.with(peer, |open, number| Ok(open.peers.sent_bytes(number)? as f64))
    }

    #[napi]
    pub fn end(&self, peer: f64) -> Result<(), CodedError> {
        self.with(peer, |open, number| open.peers.end(number))
    }

    #[napi]
    pub fn close(&self, peer: f64, reset: bool) -> Result<(), CodedError> {
        self.with(peer, |open, number| {
            open.peers.close(number, reset)?;
            open.rest_if_empty();
            Ok(())
        })
    }

    #[napi]
    pub fn detach(&self, peer: f64) -> Result<i32, CodedError> {
        self.with(peer, |open, number| {
            let socket = open.peers.detach(number)?;
            open.rest_if_empty();
            Ok(socket)
        })
    }

    #[napi]
    pub fn dispose(&self) {
        self.watching.close();
    }
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Self {
        Self::argument(misuse.to_string())
    }
}

/// JavaScript may pass two views of the same memory.
fn apart<A, B>(one: &[A], other: &[B]) -> Result<(), Failure> {
    let (one, other) = (one.as_ptr_range(), other.as_ptr_range());
    let is_apart = one.end.addr() <= other.start.addr() || other.end.addr() <= one.start.addr();
    if is_apart { Ok(()) } else { Err(Failure::argument("what is written must not overlap what is given")) }
}
