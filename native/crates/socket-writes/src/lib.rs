//! One text to each of many sockets, in one call.
//!
//! A job goes to ten thousand miners at once. Through the streams of Node.js each of these writes costs about
//! twice what the system call does. A socket that takes less than all is not waited for: the caller knows how
//! to go on.

// The system call: the block carries its proof.
#![allow(unsafe_code)]

/// Why nothing was sent.
#[derive(Debug, PartialEq, Eq)]
pub enum SendError {
    /// Not one end and one result for each socket.
    Lengths,
    /// The ends do not go up, or go beyond the data.
    Ends,
}

impl core::fmt::Display for SendError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Lengths => "there must be one end and one result for each socket",
            Self::Ends => "the ends must go up and stay within the data",
        })
    }
}

impl core::error::Error for SendError {}

/// Sends to the n-th socket what lies between the end before and its own, and notes the bytes that the system
/// took: zero also where the socket is broken, which its owner learns by writing the rest. Never waits.
///
/// # Errors
///
/// Before anything is sent: [`SendError`].
pub fn send_each(sockets: &[i32], ends: &[u32], data: &[u8], taken: &mut [u32]) -> Result<(), SendError> {
    if ends.len() != sockets.len() || taken.len() != sockets.len() {
        return Err(SendError::Lengths);
    }
    let within = ends.last().is_none_or(|&end| end as usize <= data.len());
    if !within || !ends.is_sorted() {
        return Err(SendError::Ends);
    }
    let mut start = 0;
    for ((&socket, &end), taken) in sockets.iter().zip(ends).zip(taken) {
        let end = end as usize;
        *taken = send(socket, &data[start..end]);
        start = end;
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn send(socket: i32, text: &[u8]) -> u32 {
    loop {
        // SAFETY: the pointer and the length are those of one slice, which is only read.
        let sent = unsafe {
            libc::send(socket, text.as_ptr().cast(), text.len(), libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL)
        };
        if let Ok(sent) = u32::try_from(sent) {
            return sent;
        }
        if std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
            return 0;
        }
    }
}

/// Where a broken pipe would be a signal, or a socket is no small number, the owner writes everything.
#[cfg(not(target_os = "linux"))]
fn send(_socket: i32, _text: &[u8]) -> u32 {
    0
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn each_socket_gets_its_own() {
        let (near, mut far) = UnixStream::pair().expect("a pair");
        let (other_near, mut other_far) = UnixStream::pair().expect("a pair");
        let mut taken = [9; 3];
        let sockets = [near.as_raw_fd(), other_near.as_raw_fd(), near.as_raw_fd()];
        send_each(&sockets, &[3, 7, 7], b"onetwo!", &mut taken).expect("sent");
        assert_eq!(taken, [3, 4, 0]);
        let mut text = [0; 3];
        far.read_exact(&mut text).expect("read");
        assert_eq!(&text, b"one");
        let mut text = [0; 4];
        other_far.read_exact(&mut text).expect("read");
        assert_eq!(&text, b"two!");
    }

    #[test]
    fn a_full_socket_takes_a_part_and_a_broken_one_nothing() {
        let (near, _far) = UnixStream::pair().expect("a pair");
        let (broken, far) = UnixStream::pair().expect("a pair");
        drop(far);
        let data = vec![7; 4 << 20];
        let end = u32::try_from(data.len()).expect("small");
        let mut taken = [0; 2];
        send_each(&[near.as_raw_fd(), broken.as_raw_fd()], &[end - 1, end], &data, &mut taken).expect("sent");
        assert!(taken[0] > 0 && taken[0] < end - 1, "took {}", taken[0]);
        assert_eq!(taken[1], 0);
    }

    #[test]
    fn nothing_is_sent_of_what_makes_no_sense() {
        let mut taken = [0; 2];
        assert_eq!(send_each(&[-1, -1], &[1], b"ab", &mut taken), Err(SendError::Lengths));
        assert_eq!(send_each(&[-1, -1], &[2, 1], b"ab", &mut taken), Err(SendError::Ends));
        assert_eq!(send_each(&[-1, -1], &[1, 3], b"ab", &mut taken), Err(SendError::Ends));
        assert_eq!(send_each(&[-1, -1], &[1, 2], b"ab", &mut taken[..1]), Err(SendError::Lengths));
    }
}
