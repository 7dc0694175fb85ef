use otedama_hash_api::NonceRange;

/// Walks one worker's slice of a nonce space once, from a random place to its end and then from its start.
#[derive(Debug)]
pub struct NonceCursor {
    slice: NonceRange,
    start: u64,
    /// The part being walked.
    left: NonceRange,
    wrapped: bool,
}

impl NonceCursor {
    pub fn new(nonces: &NonceRange, worker: u32, workers: u32, offset: u64) -> Self {
        let size = u128::from(nonces.end - nonces.start);
        let edge = |index: u32| nonces.start + (size * u128::from(index) / u128::from(workers)) as u64;
        let slice = edge(worker)..edge(worker + 1);
        // Fewer nonces than workers leave some with none.
        let start = slice.start + offset.checked_rem(slice.end - slice.start).unwrap_or(0);
        Self { start, left: start..slice.end, slice, wrapped: false }
    }

    /// The next at most `limit` nonces; `None` when the slice is done.
    pub fn peek(&mut self, limit: u64) -> Option<NonceRange> {
        if self.left.is_empty() && !self.wrapped {
            self.wrapped = true;
            self.left = self.slice.start..self.start;
        }
        let count = limit.max(1).min(self.left.end - self.left.start);
        (count > 0).then(|| self.left.start..self.left.start + count)
    }

    pub const fn advance(&mut self, count: u64) {
        self.left.start += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(cursor: &mut NonceCursor, limit: u64) -> Vec<NonceRange> {
        let mut ranges = Vec::new();
        while let Some(range) = cursor.peek(limit) {
            cursor.advance(range.end - range.start);
            ranges.push(range);
        }
        ranges
    }

    #[test]
    fn covers_each_nonce_once_among_all_workers() {
        for (nonces, workers) in [(0..1000, 1), (7..1000, 3), (5..8, 8), (0..1, 1)] {
            let mut seen = vec![0; 1000];
            for worker in 0..workers {
                let mut cursor = NonceCursor::new(&nonces, worker, workers, 123_456_789);
                for nonce in walk(&mut cursor, 7).into_iter().flatten() {
                    seen[nonce as usize] += 1;
                }
            }
            for (nonce, count) in seen.into_iter().enumerate() {
                assert_eq!(count, i32::from(nonces.contains(&(nonce as u64))), "{nonces:?} {workers}");
            }
        }
    }

    #[test]
    fn splits_the_whole_space_of_64_bits() {
        let mut first = NonceCursor::new(&(0..u64::MAX), 0, 2, 0);
        assert_eq!(first.peek(u64::MAX), Some(0..u64::MAX / 2));
        let mut second = NonceCursor::new(&(0..u64::MAX), 1, 2, 10);
        assert_eq!(second.peek(5), Some(u64::MAX / 2 + 10..u64::MAX / 2 + 15));
    }

    #[test]
    fn hands_out_again_what_was_not_tried() {
        let mut cursor = NonceCursor::new(&(0..100), 0, 1, 0);
        assert_eq!(cursor.peek(10), Some(0..10));
        cursor.advance(4);
        assert_eq!(cursor.peek(10), Some(4..14));
    }
}
