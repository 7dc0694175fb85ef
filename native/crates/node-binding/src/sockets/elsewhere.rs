//! Where there is no epoll: the classes are there, and say so.

use napi_derive::napi;

use super::ListenOptions;
use crate::failure::{CodedError, Failure};

fn unavailable() -> CodedError {
    Failure::new("SOCKETS_UNAVAILABLE", "native sockets need Linux").into()
}

#[napi]
pub struct Acceptor {}

#[napi]
impl Acceptor {
    #[napi(constructor)]
    pub fn new(_options: ListenOptions) -> Result<Self, CodedError> {
        Err(unavailable())
    }

    #[napi]
    pub fn reset() -> Result<(), CodedError> {
        Err(unavailable())
    }
}

#[napi]
pub struct PeerSockets {}

#[napi]
impl PeerSockets {
    #[napi(constructor)]
    pub fn new() -> Result<Self, CodedError> {
        Err(unavailable())
    }
}
