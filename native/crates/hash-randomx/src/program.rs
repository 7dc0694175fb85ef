//! Random programs: the bytes that the generator fills, read as configuration and instructions
//! (specification chapters 4.5 and 5). Any bytes are a valid program, so nothing here can fail. The interpreter
//! and the code generators share the rules that are easy to get wrong: operands, masks and jump targets.

use crate::parameters::{
    DATASET_EXTRA_BYTES, DATASET_MASK, L1_MASK, L2_MASK, L3_MASK, LINE_BYTES, MAX_PROGRAM_SIZE,
};

/// Bytes in front of the instructions.
const CONFIGURATION_BYTES: usize = 128;

/// Configuration and instructions as the generator writes them; v1 reads the first 256 instructions only.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Program {
    bytes: [u8; CONFIGURATION_BYTES + 8 * MAX_PROGRAM_SIZE],
}

impl Program {
    pub const fn new() -> Self {
        Self { bytes: [0; CONFIGURATION_BYTES + 8 * MAX_PROGRAM_SIZE] }
    }

    /// The bytes to fill for a program of `size` instructions.
    pub fn bytes_mut(&mut self, size: usize) -> &mut [u8] {
        &mut self.bytes[..CONFIGURATION_BYTES + 8 * size]
    }

    pub fn configuration(&self) -> Configuration {
        let word = |index: usize| u64::from_le_bytes(eight(&self.bytes[8 * index..]));
        let select = word(12);
        let offsets = DATASET_EXTRA_BYTES / LINE_BYTES as u64 + 1;
        Configuration {
            group_a: core::array::from_fn(|i| [group_a_bits(word(2 * i)), group_a_bits(word(2 * i + 1))]),
            ma: word(8) as u32 & DATASET_MASK,
            mx: word(10) as u32,
            read_registers: core::array::from_fn(|i| 2 * i + (select >> i & 1) as usize),
            dataset_offset: (word(13) % offsets) * LINE_BYTES as u64,
            group_e_masks: [group_e_mask(word(14)), group_e_mask(word(15))],
        }
    }

    /// The first `size` instructions.
    pub fn instructions(&self, size: usize) -> impl ExactSizeIterator<Item = Instruction> + '_ {
        let words = self.bytes[CONFIGURATION_BYTES..].as_chunks::<8>().0;
        words[..size].iter().map(Instruction::from_bytes)
    }
}

fn eight(bytes: &[u8]) -> [u8; 8] {
    bytes.first_chunk().copied().unwrap_or_default()
}

/// +1.fraction x 2^exponent with an exponent of 0 to 31.
fn group_a_bits(word: u64) -> u64 {
    const BIAS: u64 = 1023;
    ((word >> 59) + BIAS) << 52 | word & ((1 << 52) - 1)
}

/// Low fraction bits and the exponent that every value loaded into group E gets.
fn group_e_mask(word: u64) -> u64 {
    const FIXED_EXPONENT_BITS: u64 = 0x300;
    (FIXED_EXPONENT_BITS | (word >> 60) << 4) << 52 | word & ((1 << 22) - 1)
}

/// Bits of a converted value that group E keeps; `Configuration::group_e_masks` sets the others.
pub const GROUP_E_KEEP: u64 = (1 << 56) - 1;

/// XORed into a value, FSCAL_R's change of sign and exponent.
pub const SCALE_BITS: u64 = 0x80f0_0000_0000_0000;

/// What the first 128 bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Bits of the constant registers a0 to a3, low half first.
    pub group_a: [[u64; 2]; 4],
    pub ma: u32,
    pub mx: u32,
    /// Numbers of the integer registers that make the addresses.
    pub read_registers: [usize; 4],
    /// Where in the dataset this program's 2 GiB begin, in bytes.
    pub dataset_offset: u64,
    /// ORed into the low and high half of a value loaded into group E, after [`GROUP_E_KEEP`].
    pub group_e_masks: [u64; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    pub opcode: u8,
    pub dst: u8,
    pub src: u8,
    pub modifiers: u8,
    pub imm32: u32,
}

impl Instruction {
    pub const fn from_bytes(bytes: &[u8; 8]) -> Self {
        let [opcode, dst, src, modifiers, i0, i1, i2, i3] = *bytes;
        Self { opcode, dst, src, modifiers, imm32: u32::from_le_bytes([i0, i1, i2, i3]) }
    }

    pub const fn operation(self) -> Operation {
        OPERATIONS[self.opcode as usize]
    }

    /// Integer destination, or the F+E index of FSWAP_R.
    pub const fn dst(self) -> usize {
        self.dst as usize % 8
    }

    pub const fn src(self) -> usize {
        self.src as usize % 8
    }

    /// Destination within group F or E.
    pub const fn float_dst(self) -> usize {
        self.dst as usize % 4
    }

    /// Source within group A.
    pub const fn float_src(self) -> usize {
        self.src as usize % 4
    }

    /// The immediate, sign-extended.
    pub const fn immediate(self) -> u64 {
        self.imm32 as i32 as u64
    }

    pub const fn shift(self) -> u32 {
        (self.modifiers >> 2 & 3) as u32
    }

    const fn condition(self) -> u32 {
        (self.modifiers >> 4) as u32
    }

    /// L1 or L2, as `mod.mem` says: for floating point reads, and for integer ones with `src != dst`.
    pub const fn near_mask(self) -> u32 {
        if self.modifiers & 3 == 0 { L2_MASK } else { L1_MASK }
    }

    /// Level of an integer read. With `src == dst` the address is the immediate alone, anywhere in L3.
    pub const fn read_mask(self) -> u32 {
        if self.src() == self.dst() { L3_MASK } else { self.near_mask() }
    }

    /// Level of ISTORE.
    pub const fn store_mask(self) -> u32 {
        if self.condition() >= 14 { L3_MASK } else { self.near_mask() }
    }

    /// What CBRANCH adds: the immediate with the lowest tested bit set and the one below it clear, so that
    /// a branch is not taken more than twice in a row.
    pub const fn branch_addend(self) -> u64 {
        let bit = self.branch_bit();
        (self.immediate() | 1 << bit) & !(1 << (bit - 1))
    }

    /// Bits of the sum that are all zero when CBRANCH jumps; they lie in the low 32.
    pub const fn branch_mask(self) -> u32 {
        0xff << self.branch_bit()
    }

    const fn branch_bit(self) -> u32 {
        const JUMP_OFFSET: u32 = 8;
        self.condition() + JUMP_OFFSET
    }

    /// Whether IMUL_RCP multiplies at all: it does nothing for 0 and powers of two.
    pub const fn has_reciprocal(self) -> bool {
        !is_zero_or_power_of_two(self.imm32)
    }
}

pub const fn is_zero_or_power_of_two(value: u32) -> bool {
    value & value.wrapping_sub(1) == 0
}

/// 2^x / divisor for the largest x that keeps it below 2^64; the divisor is neither 0 nor a power of two.
pub const fn reciprocal(divisor: u32) -> u64 {
    let bits = 32 - divisor.leading_zeros();
    ((1u128 << (63 + bits)) / divisor as u128) as u64
}

/// Where CBRANCH jumps: behind the last instruction that changed its register.
#[derive(Clone, Copy, Debug, Default)]
pub struct JumpTargets {
    behind_last_change: [usize; 8],
}

impl JumpTargets {
    /// Index of the instruction to continue with, to be asked before `record` of the branch itself.
    pub const fn of(&self, register: usize) -> usize {
        self.behind_last_change[register]
    }

    /// Takes note of what the instruction at `index` changes.
    pub fn record(&mut self, index: usize, instruction: Instruction) {
        use Operation as O;
        let (dst, src) = (instruction.dst(), instruction.src());
        match instruction.operation() {
            O::CBranch => self.behind_last_change = [index + 1; 8],
            O::ISwapR if src == dst => {}
            O::ISwapR => {
                self.behind_last_change[dst] = index + 1;
                self.behind_last_change[src] = index + 1;
            }
            O::IMulRcp if !instruction.has_reciprocal() => {}
            operation if operation.is_integer() => self.behind_last_change[dst] = index + 1,
            _ => {}
        }
    }
}

/// The instructions, in the order of their opcodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Operation {
    IAddRs,
    IAddM,
    ISubR,
    ISubM,
    IMulR,
    IMulM,
    IMulHR,
    IMulHM,
    ISMulHR,
    ISMulHM,
    IMulRcp,
    INegR,
    IXorR,
    IXorM,
    IRorR,
    IRolR,
    ISwapR,
    FSwapR,
    FAddR,
    FAddM,
    FSubR,
    FSubM,
    FScalR,
    FMulR,
    FDivM,
    FSqrtR,
    CBranch,
    CFRound,
    IStore,
}

impl Operation {
    /// Whether the destination is an integer register; CBRANCH and ISTORE do not count.
    pub fn is_integer(self) -> bool {
        self <= Self::ISwapR
    }
}

/// Opcodes that stand for each operation; the same in both variants.
const FREQUENCIES: [(Operation, usize); 29] = {
    use Operation as O;
    [
        (O::IAddRs, 16),
        (O::IAddM, 7),
        (O::ISubR, 16),
        (O::ISubM, 7),
        (O::IMulR, 16),
        (O::IMulM, 4),
        (O::IMulHR, 4),
        (O::IMulHM, 1),
        (O::ISMulHR, 4),
        (O::ISMulHM, 1),
        (O::IMulRcp, 8),
        (O::INegR, 2),
        (O::IXorR, 15),
        (O::IXorM, 5),
        (O::IRorR, 8),
        (O::IRolR, 2),
        (O::ISwapR, 4),
        (O::FSwapR, 4),
        (O::FAddR, 16),
        (O::FAddM, 5),
        (O::FSubR, 16),
        (O::FSubM, 5),
        (O::FScalR, 6),
        (O::FMulR, 32),
        (O::FDivM, 4),
        (O::FSqrtR, 6),
        (O::CBranch, 25),
        (O::CFRound, 1),
        (O::IStore, 16),
    ]
};

const OPERATIONS: [Operation; 256] = {
    let mut table = [Operation::IAddRs; 256];
    let (mut opcode, mut entry) = (0, 0);
    while entry < FREQUENCIES.len() {
        let (operation, frequency) = FREQUENCIES[entry];
        let mut left = frequency;
        while left > 0 {
            table[opcode] = operation;
            opcode += 1;
            left -= 1;
        }
        entry += 1;
    }
    assert!(opcode == 256, "the frequencies fill the opcodes");
    table
};
