use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::rc::{Rc, Weak};

use napi::Env;
use napi::bindgen_prelude::{Either, Function, Undefined};
use napi_derive::napi;
use otedama_peer_sockets::{self as sockets, Acceptor as Listener};

use super::watch::{Watch, Watched};
use super::{Connection, ListenOptions, system_failure};
use crate::convert;
use crate::failure::{CodedError, Failure, guard_throwing};

struct Open {
    /// Dropped before the listener: the loop must have let go of the descriptor before that is closed.
    _watch: Watch,
    listener: Listener,
}

#[derive(Default)]
struct Listening(RefCell<Option<Open>>);

impl Watched for Listening {
    fn ready(&self) -> bool {
        self.0.borrow_mut().as_mut().is_some_and(|open| open.listener.accept() > 0)
    }

    fn close(&self) {
        self.0.take();
    }
}

/// Connections that wait to be taken.
#[napi]
pub struct Acceptor {
    listening: Rc<Listening>,
    port: u16,
}

#[napi]
impl Acceptor {
    #[napi(constructor)]
    pub fn new(
        env: Env,
        options: ListenOptions,
        on_waiting: Function<'_, (), ()>,
    ) -> Result<Self, CodedError> {
        guard_throwing(|| {
            let options = parse(&options)?;
            let listener = Listener::listen(&options)
                .map_err(|error| system_failure(&format!("listen on {}", options.address), &error))?;
            let (port, descriptor) = (listener.port(), listener.descriptor());
            let listening = Rc::new(Listening::default());
            let watched: Weak<dyn Watched> = Rc::downgrade(&listening) as _;
            let watch = Watch::open(env, descriptor, "OtedamaAcceptor", &on_waiting, watched)?;
            watch.start();
            listening.0.replace(Some(Open { _watch: watch, listener }));
            Ok(Self { listening, port })
        })
    }

    #[napi(getter)]
    pub fn port(&self) -> u32 {
        self.port.into()
    }

    #[napi(getter)]
    pub fn waiting(&self) -> f64 {
        self.listening.0.borrow().as_ref().map_or(0.0, |open| open.listener.waiting() as f64)
    }

    #[napi]
    pub fn take(&self) -> Result<Either<Connection, Undefined>, CodedError> {
        guard_throwing(|| {
            let taken = self.listening.0.borrow_mut().as_mut().and_then(|open| open.listener.take());
            Ok(taken.map_or(Either::B(()), |taken| {
                let (address, port) = (taken.ip.to_string(), taken.port.into());
                Either::A(Connection { socket: taken.socket, address, port })
            }))
        })
    }

    /// Resets a connection that was taken and not given on.
    #[napi]
    pub fn reset(socket: f64) -> Result<(), CodedError> {
        guard_throwing(|| match convert::descriptor(socket).is_some_and(sockets::reset) {
            true => Ok(()),
            false => Err(Failure::argument("socket must be a descriptor that was taken")),
        })
    }

    #[napi]
    pub fn close(&self) {
        self.listening.close();
    }
}

fn parse(options: &ListenOptions) -> Result<sockets::ListenOptions, Failure> {
    let ip: IpAddr = options.host.parse().map_err(|_| Failure::argument("host must be an IP address"))?;
    let port = u16::try_from(convert::u32_of("port", options.port)?)
        .map_err(|_| Failure::argument("port must be an integer from 0 to 65535"))?;
    let positive = |name, value| match i32::try_from(convert::u32_of(name, value)?) {
        Ok(value) if value > 0 => Ok(value),
        _ => Err(Failure::argument(format!("{name} must be an integer from 1 to {}", i32::MAX))),
    };
    Ok(sockets::ListenOptions {
        address: SocketAddr::new(ip, port),
        backlog: positive("backlog", options.backlog)?,
        reuse_port: options.reuse_port,
        max_waiting: positive("maxWaiting", options.max_waiting)?.unsigned_abs() as usize,
    })
}
