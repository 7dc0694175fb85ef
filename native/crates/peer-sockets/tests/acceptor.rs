//! The acceptor with real clients; what needs an event loop around it is in native/test.
#![cfg(target_os = "linux")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use common::{connect, listen, local, wait_for};
use otedama_peer_sockets::{Acceptor, ListenOptions, reset};

#[test]
fn takes_in_order_with_the_address_of_the_peer() {
    let mut acceptor = listen((Ipv6Addr::UNSPECIFIED, 0).into(), 8);
    let clients: Vec<_> = (0..3).map(|_| connect(&acceptor)).collect();
    assert_eq!(acceptor.accept(), 3);
    for client in &clients {
        let taken = acceptor.take().expect("one waits");
        assert_eq!(SocketAddr::new(taken.ip, taken.port), client.local_addr().expect("an address"));
        assert!(reset(taken.socket));
        assert!(!reset(taken.socket), "it is closed");
    }
    assert_eq!((acceptor.waiting(), acceptor.take()), (0, None));
}

#[test]
fn stops_when_it_is_full_and_goes_on_when_half_is_taken() {
    let mut acceptor = listen(local(), 4);
    let clients: Vec<_> = (0..7).map(|_| connect(&acceptor)).collect();
    assert_eq!((acceptor.accept(), acceptor.accept(), acceptor.waiting()), (4, 0, 4));
    let mut taken = vec![acceptor.take().expect("one waits")];
    assert_eq!(acceptor.accept(), 0, "three of four are still many");
    taken.push(acceptor.take().expect("one waits"));
    assert_eq!(acceptor.accept(), 2);
    taken.extend(std::iter::from_fn(|| acceptor.take()));
    assert_eq!(acceptor.accept(), 1);
    taken.extend(acceptor.take());
    let ports: Vec<_> = taken.iter().map(|taken| taken.port).collect();
    let expected: Vec<_> =
        clients.iter().map(|client| client.local_addr().expect("an address").port()).collect();
    assert_eq!(ports, expected);
    assert!(taken.iter().all(|taken| reset(taken.socket)));
}

#[test]
fn a_turn_accepts_a_bounded_number() {
    let mut acceptor = listen(local(), 1000);
    let _clients: Vec<_> = (0..100).map(|_| connect(&acceptor)).collect();
    assert_eq!((acceptor.accept(), acceptor.accept(), acceptor.accept()), (64, 36, 0));
}

#[test]
fn those_that_left_are_skipped_unless_they_said_something() {
    let mut acceptor = listen(local(), 8);
    let left = connect(&acceptor);
    let mut spoke = connect(&acceptor);
    let there = connect(&acceptor);
    spoke.write_all(b"hello").expect("written");
    let expected = [&spoke, &there].map(|client| client.local_addr().expect("an address").port());
    drop((left, spoke));
    assert_eq!(acceptor.accept(), 3);
    let taken: Vec<_> = std::iter::from_fn(|| acceptor.take()).collect();
    assert_eq!(taken.iter().map(|taken| taken.port).collect::<Vec<_>>(), expected);
    assert!(taken.iter().all(|taken| reset(taken.socket)));
}

#[test]
fn whoever_waits_is_reset_when_it_ends() {
    let mut acceptor = listen(local(), 8);
    let mut client = connect(&acceptor);
    assert_eq!(acceptor.accept(), 1);
    drop(acceptor);
    let error = client.read(&mut [0]).expect_err("reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn the_port_is_free_as_soon_as_it_is_given_up() {
    let acceptor = listen(local(), 8);
    let address = (Ipv4Addr::LOCALHOST, acceptor.port()).into();
    let options = ListenOptions { address, backlog: 128, reuse_port: false, max_waiting: 8 };
    assert_eq!(Acceptor::listen(&options).expect_err("taken").kind(), ErrorKind::AddrInUse);
    drop(acceptor);
    let mut again = Acceptor::listen(&options).expect("listens");
    let _client = connect(&again);
    wait_for("a connection", || again.accept() == 1);
}

#[test]
fn only_what_was_lent_is_reset() {
    assert!(![-1, 0, 1, 2, i32::MAX].into_iter().any(reset));
}
