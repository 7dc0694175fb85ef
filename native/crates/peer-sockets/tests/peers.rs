//! Peers with real clients.
#![cfg(target_os = "linux")]

mod common;

use std::collections::HashSet;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsRawFd;

use common::{Event, House, wait_for};
use otedama_peer_sockets::{AddError, MAX_QUEUED, MAX_READ, Misuse, reset};

fn read(client: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut text = vec![0; count];
    client.read_exact(&mut text).expect("read");
    text
}

fn at_end(client: &mut TcpStream) -> bool {
    client.read(&mut [0]).expect("read") == 0
}

/// Answers with a reset from now on: what it has not read is thrown away when it closes.
fn vanish(client: TcpStream, house: &mut House, number: u32) {
    house.send(number, b"unread");
    wait_for("the text", || client.peek(&mut [0]).is_ok_and(|count| count > 0));
    drop(client);
}

#[test]
fn reads_of_all_in_one_call_and_writes_to_all_in_one() {
    let mut house = House::new();
    let (mut one, first) = house.peer();
    let (mut two, second) = house.peer();
    one.write_all(b"from one").expect("written");
    two.write_all(b"from two").expect("written");
    assert_eq!(
        house.poll(),
        [(first, Event::Bytes(b"from one".to_vec())), (second, Event::Bytes(b"from two".to_vec()))]
    );
    assert_eq!(house.poll(), []);
    let (mut queued, numbers) = ([9; 3], [first, second, first].map(u32::cast_signed));
    house.peers.send(&numbers, &[3, 7, 8], b"onetwo!!", &mut queued).expect("sent");
    assert_eq!(queued, [0; 3]);
    assert_eq!((read(&mut one, 4), read(&mut two, 4)), (b"one!".to_vec(), b"two!".to_vec()));
    assert_eq!(house.peers.sent_bytes(first), Ok(4));
    assert_eq!(house.peers.queued_bytes(first), Ok(0));
}

#[test]
fn begins_paused_and_hears_nothing_while_it_is() {
    let mut house = House::new();
    let (mut client, number) = house.paused();
    client.write_all(b"one").expect("written");
    assert_eq!(house.poll(), []);
    house.peers.set_paused(number, false).expect("there");
    house.expect(number, &Event::Bytes(b"one".to_vec()));
    house.peers.set_paused(number, true).expect("there");
    client.write_all(b"two").expect("written");
    client.shutdown(Shutdown::Write).expect("shut down");
    assert_eq!(house.poll(), []);
    house.peers.set_paused(number, false).expect("there");
    house.expect(number, &Event::Bytes(b"two".to_vec()));
    house.expect(number, &Event::End);
    assert_eq!(house.poll(), [], "an end is told once");
}

#[test]
fn what_a_slow_peer_does_not_take_waits_in_order_and_its_end_behind_it() {
    let mut house = House::new();
    let (mut client, number) = house.peer();
    let mut expected = house.fill(number);
    let queued = house.peers.queued_bytes(number).expect("there");
    assert!(queued > 0 && queued < expected.len());
    assert_eq!(house.peers.sent_bytes(number), Ok((expected.len() - queued) as u64));
    assert_eq!(house.send(number, b"and more") as usize, queued + 8);
    expected.extend_from_slice(b"and more");
    house.peers.end(number).expect("there");
    assert_eq!(house.send(number, b"never"), queued as u32 + 8, "it was ended");
    assert_eq!(house.poll(), []);
    let reader = std::thread::spawn(move || {
        let mut all = Vec::new();
        client.read_to_end(&mut all).expect("read");
        (client, all)
    });
    house.expect(number, &Event::Drained);
    let (client, all) = reader.join().expect("read");
    assert!(all == expected, "{} of {} bytes", all.len(), expected.len());
    assert_eq!(house.peers.sent_bytes(number), Ok(expected.len() as u64));
    assert_eq!(house.poll(), [], "drained is told once");
    drop(client);
    house.expect(number, &Event::End);
}

#[test]
fn who_sends_no_more_can_still_be_written_to() {
    let mut house = House::new();
    let (mut client, number) = house.peer();
    client.write_all(b"last").expect("written");
    client.shutdown(Shutdown::Write).expect("shut down");
    house.expect(number, &Event::Bytes(b"last".to_vec()));
    house.expect(number, &Event::End);
    assert_eq!(house.send(number, b"answer"), 0);
    assert_eq!(read(&mut client, 6), b"answer");
    house.peers.end(number).expect("there");
    assert!(at_end(&mut client));
}

#[test]
fn who_was_ended_can_still_speak() {
    let mut house = House::new();
    let (mut client, number) = house.peer();
    house.peers.end(number).expect("there");
    house.peers.end(number).expect("there");
    assert!(at_end(&mut client));
    client.write_all(b"still here").expect("written");
    house.expect(number, &Event::Bytes(b"still here".to_vec()));
}

#[test]
fn a_reset_is_told_once() {
    let mut house = House::new();
    let (client, number) = house.peer();
    vanish(client, &mut house, number);
    house.expect(number, &Event::Broken(libc::ECONNRESET));
    assert_eq!(house.poll(), []);
    assert_eq!(house.send(number, b"text"), 0);
    house.peers.end(number).expect("there");
    assert_eq!(house.poll(), []);
    house.peers.close(number, false).expect("there");
}

#[test]
fn a_paused_peer_is_broken_when_it_is_resumed_or_written_to() {
    let mut house = House::new();
    let (client, resumed) = house.paused();
    vanish(client, &mut house, resumed);
    let (client, written) = house.paused();
    vanish(client, &mut house, written);
    assert_eq!((house.poll(), house.poll()), (vec![], vec![]), "edges of paused ones are nobody's business");
    house.peers.set_paused(resumed, false).expect("there");
    house.expect(resumed, &Event::Broken(libc::ECONNRESET));
    assert_eq!(house.send(written, b"text"), 0);
    house.expect(written, &Event::Broken(libc::ECONNRESET));
    assert_eq!(house.poll(), []);
}

#[test]
fn a_paused_peer_with_a_queue_is_broken_when_it_vanishes() {
    let mut house = House::new();
    let (client, number) = house.paused();
    house.fill(number);
    drop(client);
    house.expect(number, &Event::Broken(libc::ECONNRESET));
    assert_eq!((house.peers.queued_bytes(number), house.poll()), (Ok(0), vec![]));
}

#[test]
fn a_queue_without_end_breaks_its_peer_only() {
    let mut house = House::new();
    let (_slow, slow) = house.paused();
    let (mut quick, other) = house.paused();
    house.fill(slow);
    let text = vec![1; MAX_QUEUED / 4];
    for _ in 0..3 {
        assert!(house.send(slow, &text) > 0);
    }
    assert_eq!(house.poll(), []);
    assert_eq!(house.send(slow, &text), 0, "nothing waits for it any more");
    assert_eq!(house.poll(), [(slow, Event::Broken(libc::ENOBUFS))]);
    assert_eq!(house.send(other, b"text"), 0);
    assert_eq!(read(&mut quick, 4), b"text");
}

#[test]
fn close_sends_an_end_or_a_reset() {
    let mut house = House::new();
    let (mut ended, number) = house.peer();
    house.send(number, b"bye");
    house.peers.close(number, false).expect("there");
    assert_eq!(read(&mut ended, 3), b"bye");
    assert!(at_end(&mut ended));
    let (mut broken, number) = house.peer();
    house.peers.close(number, true).expect("there");
    assert_eq!(broken.read(&mut [0]).expect_err("reset").kind(), ErrorKind::ConnectionReset);
}

#[test]
fn a_number_that_is_given_again_has_no_events_of_the_one_before() {
    // Room for one event of four peers: the others have been told of when the first is dealt with.
    let mut house = House::with_room(8, MAX_READ);
    let mut clients: Vec<_> = (0..4).map(|_| house.peer()).collect();
    for (client, number) in &mut clients {
        client.write_all(format!("old {number}").as_bytes()).expect("written");
    }
    let events = house.poll();
    assert_eq!(events.len(), 1, "one read fills the room");
    let told: Vec<u32> = events.iter().map(|(number, _)| *number).collect();
    let others: Vec<u32> = clients.iter().map(|(_, number)| *number).filter(|n| !told.contains(n)).collect();
    for number in &others {
        house.peers.close(*number, false).expect("there");
    }
    let mut new: Vec<_> = others.iter().map(|_| house.peer()).collect();
    let again: HashSet<u32> = new.iter().map(|(_, number)| *number).collect();
    assert_eq!(again, others.iter().copied().collect(), "the numbers are given again");
    assert_eq!(house.poll(), [], "what is left was of those who are gone");
    for (client, number) in &mut new {
        client.write_all(format!("new {number}").as_bytes()).expect("written");
    }
    let mut heard = HashSet::new();
    while heard.len() < new.len() {
        for (number, event) in house.poll() {
            assert_eq!(event, Event::Bytes(format!("new {number}").into_bytes()));
            heard.insert(number);
        }
    }
}

#[test]
fn nobody_is_kept_out_by_those_who_always_talk() {
    for (events, bytes) in
        [(2, MAX_READ), (4, MAX_READ), (64, MAX_READ), (3, 64 * MAX_READ), (64, 5 * MAX_READ)]
    {
        let mut house = House::with_room(events, bytes);
        let mut loud: Vec<_> = (0..8).map(|_| house.peer()).collect();
        let mut quiet: Vec<_> = (0..8).map(|_| house.peer()).collect();
        for (client, _) in &mut loud {
            client.set_nonblocking(true).expect("set");
        }
        let flood = vec![1; 1 << 20];
        quiet.iter_mut().for_each(|(client, _)| client.write_all(b"one line").expect("written"));
        let mut waiting: HashSet<u32> = quiet.iter().map(|(_, number)| *number).collect();
        let mut polls = 0;
        while !waiting.is_empty() {
            for (client, _) in &mut loud {
                // As much as the system takes: there is more than can be read at any time.
                while client.write(&flood).is_ok() {}
            }
            for (number, event) in house.poll() {
                assert!(!waiting.remove(&number) || event == Event::Bytes(b"one line".to_vec()));
            }
            polls += 1;
            assert!(
                polls <= 40,
                "after {polls} polls {} wait with room for {events}, {bytes}",
                waiting.len()
            );
        }
    }
}

#[test]
fn a_long_text_comes_in_pieces_of_bounded_size() {
    let mut house = House::new();
    let (mut client, number) = house.peer();
    let text: Vec<u8> = (0..200_000_u32).map(|i| (i * 31) as u8).collect();
    let expected = text.clone();
    let writer = std::thread::spawn(move || client.write_all(&text).map(|()| client));
    let mut all = Vec::new();
    wait_for("the text", || {
        for (from, event) in house.poll() {
            let Event::Bytes(bytes) = event else { panic!("{event:?}") };
            assert_eq!((from, bytes.len().min(MAX_READ)), (number, bytes.len()));
            all.extend(bytes);
        }
        all.len() == expected.len()
    });
    assert!(all == expected);
    writer.join().expect("ended").expect("written");
}

#[test]
fn a_detached_socket_has_what_was_not_read() {
    let mut house = House::new();
    let (mut client, number) = house.peer();
    client.write_all(b"for somebody else").expect("written");
    let socket = house.peers.detach(number).expect("untouched");
    assert!(house.peers.is_empty());
    assert_eq!(house.poll(), []);
    assert_eq!(house.peers.detach(number), Err(Misuse::NoPeer(number)));
    let again = house.peers.add(socket).expect("lent again");
    house.peers.set_paused(again, false).expect("there");
    house.expect(again, &Event::Bytes(b"for somebody else".to_vec()));
    house.fill(again);
    assert_eq!(house.peers.detach(again), Err(Misuse::Touched(again)));
    let (_client, ended) = house.peer();
    house.peers.end(ended).expect("there");
    assert_eq!(house.peers.detach(ended), Err(Misuse::Touched(ended)));
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let mut house = House::new();
    let (mut client, number) = house.peer();
    let (peer, nobody) = (number.cast_signed(), Misuse::NoPeer(7));
    let peers = &mut house.peers;
    assert_eq!(peers.set_paused(7, true), Err(nobody));
    assert_eq!(peers.end(7), Err(Misuse::NoPeer(7)));
    assert_eq!(peers.close(u32::MAX, true), Err(Misuse::NoPeer(u32::MAX)));
    assert_eq!(peers.queued_bytes(7), Err(Misuse::NoPeer(7)));
    assert_eq!(peers.sent_bytes(7), Err(Misuse::NoPeer(7)));
    assert_eq!(peers.send(&[peer, 7], &[1, 2], b"ab", &mut [0; 2]), Err(Misuse::NoPeer(7)));
    assert_eq!(peers.send(&[peer, -1], &[1, 2], b"ab", &mut [0; 2]), Err(Misuse::NoPeer(u32::MAX)));
    assert_eq!(peers.send(&[peer], &[1, 2], b"ab", &mut [0; 2]), Err(Misuse::Lengths));
    assert_eq!(peers.send(&[peer, peer], &[1, 2], b"ab", &mut [0; 1]), Err(Misuse::Lengths));
    assert_eq!(peers.send(&[peer, peer], &[2, 1], b"ab", &mut [0; 2]), Err(Misuse::Ends));
    assert_eq!(peers.send(&[peer, peer], &[1, 3], b"ab", &mut [0; 2]), Err(Misuse::Ends));
    assert_eq!(peers.poll(&mut [0; 3], &mut [0; MAX_READ]), Err(Misuse::NoRoom));
    assert_eq!(peers.poll(&mut [0; 4], &mut [0; MAX_READ - 1]), Err(Misuse::NoRoom));
    for wrong in [-1, 0, i32::MAX, client.as_raw_fd(), peers.descriptor()] {
        let error = peers.add(wrong).expect_err("not lent");
        assert!(matches!(error, AddError::Misuse(Misuse::NoConnection(socket)) if socket == wrong));
    }
    peers.close(number, false).expect("there");
    assert_eq!(peers.close(number, false), Err(Misuse::NoPeer(number)));
    assert!(at_end(&mut client), "nothing was sent");
}

#[test]
fn a_peer_owns_its_descriptor() {
    let mut house = House::new();
    let (_client, number) = house.peer();
    let socket = house.peers.detach(number).expect("untouched");
    let number = house.peers.add(socket).expect("lent");
    assert!(!reset(socket), "it is a peer's");
    assert!(house.peers.add(socket).is_err(), "it is a peer's");
    assert_eq!(house.send(number, b"text"), 0);
}

/// The limit of descriptors of the process: two for each connection here, as both ends are ours.
fn connections_that_fit(wanted: usize) -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("limits");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("the limit");
    let soft = line.split_whitespace().nth(3).expect("the soft limit");
    soft.parse().map_or(wanted, |limit: usize| wanted.min((limit - limit / 10) / 2))
}

#[test]
fn ten_thousand_connections() {
    let count = connections_that_fit(10_000);
    let mut house = House::with_room(2048, 8 << 20);
    let mut clients: Vec<_> = (0..count).map(|_| house.peer()).collect();
    let numbers: Vec<i32> = clients.iter().map(|(_, number)| number.cast_signed()).collect();
    let text = b"a job for everybody";
    let data = text.repeat(count);
    let ends: Vec<u32> = (1..=count).map(|n| (n * text.len()) as u32).collect();
    let mut queued = vec![9; count];
    house.peers.send(&numbers, &ends, &data, &mut queued).expect("sent");
    assert!(queued.iter().all(|queued| *queued == 0));
    for (client, number) in &mut clients {
        assert_eq!(read(client, text.len()), text);
        client.write_all(&number.to_le_bytes()).expect("written");
    }
    let mut heard = HashSet::new();
    while heard.len() < count {
        for (number, event) in house.poll() {
            assert_eq!(event, Event::Bytes(number.to_le_bytes().to_vec()));
            assert!(heard.insert(number), "{number} said one thing");
        }
    }
    drop(clients);
    let mut ended = HashSet::new();
    while ended.len() < count {
        for (number, event) in house.poll() {
            assert_eq!(event, Event::End);
            assert!(ended.insert(number), "{number} ended once");
            house.peers.close(number, false).expect("there");
        }
    }
    assert!(house.peers.is_empty());
}
