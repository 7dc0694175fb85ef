use napi::bindgen_prelude::{Int32ArraySlice, Uint8ArraySlice, Uint32ArraySlice};
use napi_derive::napi;
use otedama_socket_writes::send_each as send_to_each;

use crate::failure::{CodedError, Failure, guard_throwing};

/// Sends a part of the data to each socket and notes how much of it the system took.
#[napi]
pub fn send_each(
    sockets: Int32ArraySlice<'_>,
    ends: Uint32ArraySlice<'_>,
    data: Uint8ArraySlice<'_>,
    mut taken: Uint32ArraySlice<'_>,
) -> Result<(), CodedError> {
    guard_throwing(|| {
        // SAFETY: JavaScript runs on this thread only, and the call is over before it goes on.
        let taken = unsafe { taken.as_mut() };
        send_to_each(&sockets, &ends, &data, taken).map_err(|error| Failure::argument(error.to_string()))
    })
}
