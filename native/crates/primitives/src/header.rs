use crate::Hash;

pub const HEADER_BYTES: usize = 80;

/// Block header as on the wire and as hashed: version 4 · previous hash 32 · merkle root 32 · time 4 ·
/// bits 4 · nonce 4, numbers little-endian, hashes in internal order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockHeader([u8; HEADER_BYTES]);

impl BlockHeader {
    pub const fn from_bytes(bytes: [u8; HEADER_BYTES]) -> Self {
        Self(bytes)
    }

    pub fn new(version: u32, prev_hash: &Hash, merkle_root: &Hash, time: u32, bits: u32, nonce: u32) -> Self {
        let mut header = Self([0; HEADER_BYTES]);
        header.0[4..36].copy_from_slice(prev_hash);
        header.0[36..68].copy_from_slice(merkle_root);
        header.put(0, version);
        header.put(68, time);
        header.put(72, bits);
        header.put(76, nonce);
        header
    }

    pub const fn as_bytes(&self) -> &[u8; HEADER_BYTES] {
        &self.0
    }

    /// The first SHA-256 block of the header: everything but the end of the merkle root, time, bits, nonce.
    pub fn first_block(&self) -> &[u8; 64] {
        self.0.first_chunk().expect("a header is longer than one block")
    }

    /// Header bytes 64..80 as the big-endian words SHA-256 reads; the last one holds the nonce.
    pub fn tail_words(&self) -> [u32; 4] {
        let mut words = [0u32; 4];
        for (word, bytes) in words.iter_mut().zip(self.0[64..].as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        words
    }

    pub fn with_nonce(mut self, nonce: u32) -> Self {
        self.put(76, nonce);
        self
    }

    pub fn nonce(&self) -> u32 {
        let [.., a, b, c, d] = self.0;
        u32::from_le_bytes([a, b, c, d])
    }

    fn put(&mut self, at: usize, value: u32) {
        self.0[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_each_field_where_it_is_hashed() {
        let header = BlockHeader::new(0x2000_0004, &[1; 32], &[2; 32], 0x3333_3333, 0x1d00_ffff, 0x0102_0304);
        let bytes = header.as_bytes();
        assert_eq!(bytes[..4], [4, 0, 0, 0x20]);
        assert_eq!((bytes[4], bytes[35], bytes[36], bytes[67]), (1, 1, 2, 2));
        assert_eq!(bytes[72..], [0xff, 0xff, 0, 0x1d, 4, 3, 2, 1]);
        assert_eq!(header.tail_words(), [0x0202_0202, 0x3333_3333, 0xffff_001d, 0x0403_0201]);
        assert_eq!(header.with_nonce(9).nonce(), 9);
    }
}
