use crate::peer::MAX_READ;

/// One peer may have two things to tell at once: that its queue is empty, and what it said.
const EVENTS_OF_ONE: usize = 2;

/// What a poll tells: pairs of a peer and a number, and the bytes that were read one behind the other.
pub struct Output<'a> {
    events: &'a mut [i32],
    data: &'a mut [u8],
    count: usize,
    bytes: usize,
}

impl<'a> Output<'a> {
    pub const fn new(events: &'a mut [i32], data: &'a mut [u8]) -> Self {
        Self { events, data, count: 0, bytes: 0 }
    }

    pub const fn count(&self) -> usize {
        self.count
    }

    pub const fn events_left(&self) -> usize {
        self.events.len() / 2 - self.count
    }

    /// For all that one more peer may have to tell.
    pub const fn has_room(&self) -> bool {
        self.events_left() >= EVENTS_OF_ONE && self.data.len() - self.bytes >= MAX_READ
    }

    pub fn push(&mut self, number: u32, what: i32) {
        let at = 2 * self.count;
        self.events[at] = number.cast_signed();
        self.events[at + 1] = what;
        self.count += 1;
    }

    /// Where the next read goes.
    pub fn next_read(&mut self) -> &mut [u8] {
        &mut self.data[self.bytes..][..MAX_READ]
    }

    pub fn push_read(&mut self, number: u32, count: usize) {
        self.bytes += count;
        self.push(number, count as i32);
    }
}
