//! Opcodes of the vector instructions that the generators use.

use Map::{M0F, M0F3A, M0F38};
use Prefix::{None, P66, PF3};

use super::Vector;

/// Mandatory prefix of a vector instruction; the values are those of the `pp` field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    None = 0,
    P66 = 1,
    PF3 = 2,
    PF2 = 3,
}

/// Opcode table; the values are those of the `mmm` field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Map {
    M0F = 1,
    M0F38 = 2,
    M0F3A = 3,
}

/// A vector instruction without its operands.
#[derive(Clone, Copy, Debug)]
pub struct VectorOp {
    pub prefix: Prefix,
    pub map: Map,
    pub opcode: u8,
    /// REX.W, VEX.W or EVEX.W.
    pub wide: bool,
}

const fn vector_op(prefix: Prefix, map: Map, opcode: u8) -> VectorOp {
    VectorOp { prefix, map, opcode, wide: false }
}

pub const fn wide_op(prefix: Prefix, map: Map, opcode: u8) -> VectorOp {
    VectorOp { prefix, map, opcode, wide: true }
}

// Moves.
pub const MOVAPS: VectorOp = vector_op(None, M0F, 0x28);
pub const MOVAPS_STORE: VectorOp = vector_op(None, M0F, 0x29);
pub const MOVDQU: VectorOp = vector_op(PF3, M0F, 0x6f);
pub const MOVDQU_STORE: VectorOp = vector_op(PF3, M0F, 0x7f);
pub const MOVDQU64: VectorOp = wide_op(PF3, M0F, 0x6f);
pub const MOVDQU64_STORE: VectorOp = wide_op(PF3, M0F, 0x7f);
pub const MOVDQA64: VectorOp = wide_op(P66, M0F, 0x6f);
pub const BROADCASTQ: VectorOp = vector_op(P66, M0F38, 0x59);
pub const BROADCASTQ_W: VectorOp = wide_op(P66, M0F38, 0x59);
// Double precision.
pub const ADDPD: VectorOp = vector_op(P66, M0F, 0x58);
pub const SUBPD: VectorOp = vector_op(P66, M0F, 0x5c);
pub const MULPD: VectorOp = vector_op(P66, M0F, 0x59);
pub const DIVPD: VectorOp = vector_op(P66, M0F, 0x5e);
pub const SQRTPD: VectorOp = vector_op(P66, M0F, 0x51);
pub const SHUFPD: VectorOp = vector_op(P66, M0F, 0xc6);
pub const CVTDQ2PD: VectorOp = vector_op(PF3, M0F, 0xe6);
/// The EVEX form, where the bit for 64-bit elements has to be clear and the memory operand has 8 bytes.
pub const ANDPS: VectorOp = vector_op(None, M0F, 0x54);
pub const ORPS: VectorOp = vector_op(None, M0F, 0x56);
pub const XORPS: VectorOp = vector_op(None, M0F, 0x57);
pub const AESENC: VectorOp = vector_op(P66, M0F38, 0xdc);
pub const AESDEC: VectorOp = vector_op(P66, M0F38, 0xde);
// 64-bit integers.
pub const PADDQ: VectorOp = vector_op(P66, M0F, 0xd4);
pub const PADDD: VectorOp = vector_op(P66, M0F, 0xfe);
pub const PSUBQ: VectorOp = vector_op(P66, M0F, 0xfb);
pub const PXOR: VectorOp = vector_op(P66, M0F, 0xef);
pub const PAND: VectorOp = vector_op(P66, M0F, 0xdb);
pub const POR: VectorOp = vector_op(P66, M0F, 0xeb);
pub const PMULUDQ: VectorOp = vector_op(P66, M0F, 0xf4);
pub const PMULLD: VectorOp = vector_op(P66, M0F38, 0x40);
pub const PCMPGTQ: VectorOp = vector_op(P66, M0F38, 0x37);
pub const PSHUFD: VectorOp = vector_op(P66, M0F, 0x70);
pub const PUNPCKLQDQ: VectorOp = vector_op(P66, M0F, 0x6c);
pub const PUNPCKHQDQ: VectorOp = vector_op(P66, M0F, 0x6d);
pub const PERM2I128: VectorOp = vector_op(P66, M0F3A, 0x46);
/// PSRLQ, PSLLQ with an immediate: the operation is in the register field.
pub const SHIFTQ: VectorOp = vector_op(P66, M0F, 0x73);
pub const SHIFT_RIGHT: Vector = Vector(2);
pub const SHIFT_LEFT: Vector = Vector(6);
// The same with EVEX.W set.
pub const PADDQ_W: VectorOp = wide_op(P66, M0F, 0xd4);
pub const PSUBQ_W: VectorOp = wide_op(P66, M0F, 0xfb);
pub const PXORQ_W: VectorOp = wide_op(P66, M0F, 0xef);
pub const PANDQ_W: VectorOp = wide_op(P66, M0F, 0xdb);
pub const PMULUDQ_W: VectorOp = wide_op(P66, M0F, 0xf4);
pub const PMULLQ_W: VectorOp = wide_op(P66, M0F38, 0x40);
pub const SHIFTQ_W: VectorOp = wide_op(P66, M0F, 0x73);
/// PRORQ with an immediate: register field 0.
pub const PRORQ_W: VectorOp = wide_op(P66, M0F, 0x72);
pub const PTERNLOGQ: VectorOp = wide_op(P66, M0F3A, 0x25);
pub const PUNPCKLQDQ_W: VectorOp = wide_op(P66, M0F, 0x6c);
pub const PUNPCKHQDQ_W: VectorOp = wide_op(P66, M0F, 0x6d);
pub const SHUFI64X2: VectorOp = wide_op(P66, M0F3A, 0x43);
/// Sign bits of 64-bit elements into a mask register.
pub const MOVQ2M: VectorOp = wide_op(PF3, M0F38, 0x39);
