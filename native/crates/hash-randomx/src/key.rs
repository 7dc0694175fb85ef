use crate::parameters::MAX_KEY_BYTES;

/// What cache and dataset are made from, on Monero the hash of the seed block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    bytes: [u8; MAX_KEY_BYTES],
    length: usize,
}

impl Key {
    /// None if it is longer than the 60 bytes that RandomX defines.
    pub fn new(key: &[u8]) -> Option<Self> {
        let mut bytes = [0; MAX_KEY_BYTES];
        bytes.get_mut(..key.len())?.copy_from_slice(key);
        Some(Self { bytes, length: key.len() })
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl From<[u8; 32]> for Key {
    fn from(seed_hash: [u8; 32]) -> Self {
        let mut bytes = [0; MAX_KEY_BYTES];
        bytes[..32].copy_from_slice(&seed_hash);
        Self { bytes, length: 32 }
    }
}
