//! Real connections for the tests.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use otedama_peer_sockets::{Acceptor, ListenOptions, MAX_READ, Peers};

pub fn local() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

pub fn listen(address: SocketAddr, max_waiting: usize) -> Acceptor {
    Acceptor::listen(&ListenOptions { address, backlog: 4096, reuse_port: false, max_waiting })
        .expect("listens")
}

pub fn connect(acceptor: &Acceptor) -> TcpStream {
    TcpStream::connect((Ipv4Addr::LOCALHOST, acceptor.port())).expect("connects")
}

/// It may take the system a moment.
pub fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < Duration::from_secs(20), "not in time: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Bytes(Vec<u8>),
    End,
    Drained,
    Broken(i32),
}

/// Peers, where to connect to become one, and room for what a poll tells.
pub struct House {
    pub acceptor: Acceptor,
    pub peers: Peers,
    events: Vec<i32>,
    data: Vec<u8>,
}

impl House {
    pub fn new() -> Self {
        Self::with_room(64, 64 * MAX_READ)
    }

    pub fn with_room(events: usize, bytes: usize) -> Self {
        Self {
            acceptor: listen(local(), 4096),
            peers: Peers::new().expect("an epoll"),
            events: vec![0; 2 * events],
            data: vec![0; bytes],
        }
    }

    /// A client, and the number of its peer, which is paused.
    pub fn paused(&mut self) -> (TcpStream, u32) {
        let client = connect(&self.acceptor);
        wait_for("a connection", || self.acceptor.accept() > 0);
        let taken = self.acceptor.take().expect("one waits");
        (client, self.peers.add(taken.socket).expect("added"))
    }

    pub fn peer(&mut self) -> (TcpStream, u32) {
        let (client, number) = self.paused();
        self.peers.set_paused(number, false).expect("there");
        (client, number)
    }

    pub fn poll(&mut self) -> Vec<(u32, Event)> {
        let count = self.peers.poll(&mut self.events, &mut self.data).expect("room");
        let mut data = &self.data[..];
        let mut bytes = |count: i32| {
            let (head, tail) = data.split_at(count.unsigned_abs() as usize);
            data = tail;
            head.to_vec()
        };
        let event = |pair: &[i32]| {
            let what = match pair[1] {
                otedama_peer_sockets::DRAINED => Event::Drained,
                0 => Event::End,
                count if count > 0 => Event::Bytes(bytes(count)),
                error => Event::Broken(-error),
            };
            (pair[0].cast_unsigned(), what)
        };
        self.events[..2 * count].chunks_exact(2).map(event).collect()
    }

    /// Polls until it tells this of the peer; what it tells of others and before is dropped.
    pub fn expect(&mut self, number: u32, event: &Event) {
        wait_for(&format!("{event:?} of {number}"), || self.poll().contains(&(number, event.clone())));
    }

    pub fn send(&mut self, number: u32, text: &[u8]) -> u32 {
        let mut queued = [u32::MAX];
        let end = u32::try_from(text.len()).expect("small");
        self.peers.send(&[number.cast_signed()], &[end], text, &mut queued).expect("sent");
        queued[0]
    }

    /// Sends until the system takes no more; all of it is returned.
    pub fn fill(&mut self, number: u32) -> Vec<u8> {
        let mut all = Vec::new();
        let mut next = 0_u8;
        loop {
            let text: Vec<u8> = (0..100_000)
                .map(|_| {
                    next = next.wrapping_add(7);
                    next
                })
                .collect();
            all.extend_from_slice(&text);
            if self.send(number, &text) > 0 {
                return all;
            }
        }
    }
}
