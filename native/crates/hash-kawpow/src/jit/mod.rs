//! Programs as machine code: one straight function per program that runs a round on as many lanes as a vector
//! holds.

mod assembler;
mod emit;

use otedama_hash_api::HashError;
use otedama_memory::CodeMemory;

pub use emit::InstructionSet;

use crate::mix::{Item, L1Cache, Mix};
use crate::program::{ITEM_WORDS_PER_LANE, LANES, Program};

const ROW_BYTES: usize = 4 * LANES;

/// Vectors of constants that the code reads, by position in [`CONSTANTS`].
#[derive(Clone, Copy, Debug)]
enum Constant {
    Word31,
    Word32,
    /// The biased exponent of 2^31 as a floating-point number.
    ExponentOf2To31,
    NibbleMask,
    /// Bits set in each value of a nibble, as bytes.
    NibbleBits,
    OneInBytes,
    OneInHalves,
}

const CONSTANT_BYTES: usize = 64;

#[repr(C, align(64))]
struct Aligned<T>(T);

static CONSTANTS: Aligned<[[u32; 16]; 7]> = Aligned([
    [31; 16],
    [32; 16],
    [158; 16],
    [0x0f0f_0f0f; 16],
    {
        let quarter = [0x0201_0100, 0x0302_0201, 0x0302_0201, 0x0403_0302];
        let mut vector = [0; 16];
        let mut word = 0;
        while word < 16 {
            vector[word] = quarter[word % 4];
            word += 1;
        }
        vector
    },
    [0x0101_0101; 16],
    [0x0001_0001; 16],
]);

/// For each round modulo the lanes of a vector: where in a vector of item words, taken apart as the code does
/// it, each lane finds its own.
type Orders = Aligned<[[u32; 16]; 16]>;

static ORDERS_OF_16: Orders = orders(16);
static ORDERS_OF_8: Orders = orders(8);

const fn orders(lanes: usize) -> Orders {
    let mut orders = [[0; 16]; 16];
    let mut round = 0;
    while round < lanes {
        let mut lane = 0;
        while lane < lanes {
            let group = lane ^ round;
            // A vector loads a quarter of the groups; taking words apart puts first groups first.
            let quarter = lanes / 4;
            orders[round][lane] = (4 * (group % quarter) + group / quarter) as u32;
            lane += 1;
        }
        round += 1;
    }
    Aligned(orders)
}

type RoundCode = unsafe extern "sysv64" fn(
    mix: *mut u32,
    item: *const u32,
    l1: *const u32,
    order: *const u32,
    constants: *const u32,
);

/// A program in executable memory.
#[derive(Debug)]
pub struct CompiledProgram {
    code: CodeMemory,
    set: InstructionSet,
}

impl CompiledProgram {
    pub fn new(program: &Program, set: InstructionSet) -> Result<Self, HashError> {
        assert!(set.is_available(), "code for another processor");
        let bytes = emit::round_code(program, set);
        let mut code = CodeMemory::allocate(bytes.len())?;
        code.writable()[..bytes.len()].copy_from_slice(&bytes);
        code.make_visible();
        Ok(Self { code, set })
    }

    /// To be called by each thread before its first round.
    pub fn synchronize(&self) {
        self.code.synchronize();
    }

    pub fn round(&self, mix: &mut Mix, round: usize, item: &Item, l1: &L1Cache) {
        let lanes = self.set.lanes();
        let orders = if lanes == 16 { &ORDERS_OF_16 } else { &ORDERS_OF_8 };
        // SAFETY: the memory starts with a function of this type, complete since `new`.
        let code = unsafe { core::mem::transmute::<*const u8, RoundCode>(self.code.entry()) };
        for first in (0..LANES).step_by(lanes) {
            let part = (first ^ (round % LANES)) / lanes * lanes * ITEM_WORDS_PER_LANE;
            // SAFETY: `new` made the code from a program, whose registers are rows of the mix, for an
            // instruction set that is there. For `lanes` lanes from `first` it reads and writes rows of the
            // mix, reads the item's words from `part` for as many groups, indices below 4096 of the cache, the
            // order and the constants; all are within their types.
            unsafe {
                code(
                    mix.0.as_flattened_mut().as_mut_ptr().add(first),
                    item.as_flattened().as_ptr().add(part),
                    l1.0.as_ptr(),
                    orders.0[round % lanes].as_ptr(),
                    CONSTANTS.0.as_flattened().as_ptr(),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests;
