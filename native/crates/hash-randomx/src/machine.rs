//! What the virtual machine keeps between two programs, shared by every engine that runs programs.

/// The register file in the order in which it is hashed. Floating point registers are kept as bits, low half
/// first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Registers {
    pub r: [u64; 8],
    pub f: [[u64; 2]; 4],
    pub e: [[u64; 2]; 4],
    pub a: [[u64; 2]; 4],
}

impl Registers {
    pub fn to_bytes(self) -> [u8; 256] {
        let mut bytes = [0; 256];
        let words = self.r.iter().chain([&self.f, &self.e, &self.a].into_iter().flatten().flatten());
        for (chunk, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *chunk = word.to_le_bytes();
        }
        bytes
    }
}

/// Rounding mode of floating point operations, by the numbers of register `fprc`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Rounding {
    #[default]
    Nearest,
    Down,
    Up,
    Zero,
}

impl Rounding {
    /// From the two low bits.
    pub const fn from_bits(bits: u64) -> Self {
        [Self::Nearest, Self::Down, Self::Up, Self::Zero][bits as usize % 4]
    }
}
