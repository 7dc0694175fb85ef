//! What instructions work on, and the numbers that stand for kinds of instructions.

/// A general purpose register by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gpr(pub u8);

pub const RAX: Gpr = Gpr(0);
pub const RCX: Gpr = Gpr(1);
pub const RDX: Gpr = Gpr(2);
pub const RBX: Gpr = Gpr(3);
pub const RSP: Gpr = Gpr(4);
pub const RBP: Gpr = Gpr(5);
pub const RSI: Gpr = Gpr(6);
pub const RDI: Gpr = Gpr(7);
pub const R8: Gpr = Gpr(8);
pub const R12: Gpr = Gpr(12);
pub const R13: Gpr = Gpr(13);
pub const R14: Gpr = Gpr(14);
pub const R15: Gpr = Gpr(15);

/// A vector register of any width by its number; those from 16 exist in EVEX instructions only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vector(pub u8);

/// `[base + index + displacement]`.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub base: Gpr,
    pub index: Option<Gpr>,
    pub displacement: i32,
    pub form: Form,
}

/// Which of an address's encodings is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Shortest,
    /// As long for one displacement as for any other,
    AnyDisplacement,
    /// and for one base register as for any other.
    AnyBase,
}

pub const fn at(base: Gpr, displacement: i32) -> Memory {
    Memory { base, index: None, displacement, form: Form::Shortest }
}

pub const fn indexed(base: Gpr, index: Gpr) -> Memory {
    indexed_at(base, index, 0)
}

pub const fn indexed_at(base: Gpr, index: Gpr, displacement: i32) -> Memory {
    Memory { index: Some(index), ..at(base, displacement) }
}

/// The operand that may be a register or memory.
#[derive(Clone, Copy, Debug)]
pub enum Rm {
    Register(u8),
    Memory(Memory),
}

impl From<Gpr> for Rm {
    fn from(register: Gpr) -> Self {
        Self::Register(register.0)
    }
}

impl From<Vector> for Rm {
    fn from(register: Vector) -> Self {
        Self::Register(register.0)
    }
}

impl From<Memory> for Rm {
    fn from(memory: Memory) -> Self {
        Self::Memory(memory)
    }
}

/// Two-operand integer instructions by the opcode that reads r/m into the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntOp {
    Add = 0x03,
    Sub = 0x2b,
    Xor = 0x33,
    Cmp = 0x3b,
    Mov = 0x8b,
    Lea = 0x8d,
    Xchg = 0x87,
}

/// Instructions with an immediate by their number in the group of opcode 0x81.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImmOp {
    Add = 0,
    And = 4,
    Sub = 5,
    Xor = 6,
    Cmp = 7,
}

/// Shifts and rotations by their number in the group of opcode 0xc1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShiftOp {
    Rol = 0,
    Ror = 1,
    Shl = 4,
    Shr = 5,
}

/// One-operand instructions by their number in the group of opcode 0xf7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Neg = 3,
    Mul = 4,
    IMul = 5,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Below = 2,
    Zero = 4,
    NotZero = 5,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    NonTemporal = 0,
    Level1 = 1,
}

/// Width of a vector; the values are those of the `L'L` field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    W128 = 0,
    W256 = 1,
    W512 = 2,
}

/// Bits 3 of the index (or bit 4 of a vector register) and of the base (or register).
#[inline(always)]
pub const fn high_bits(rm: Rm) -> (u8, u8) {
    match rm {
        Rm::Register(number) => (number >> 4 & 1, number >> 3 & 1),
        Rm::Memory(Memory { base, index: Some(index), .. }) => (index.0 >> 3 & 1, base.0 >> 3 & 1),
        Rm::Memory(Memory { base, index: None, .. }) => (0, base.0 >> 3 & 1),
    }
}
