//! Double precision arithmetic in the four rounding modes without touching the processor's mode: the result
//! rounded to nearest, moved to its neighbour where the exact error says so. The compiler knows only the
//! default mode, and any other one would be invisible to it.
//!
//! Exact because the virtual machine's values (specification chapter 4.3) stay far from the subnormal numbers,
//! where errors could vanish.

use crate::machine::Rounding;

pub fn add(a: f64, b: f64, rounding: Rounding) -> f64 {
    let sum = a + b;
    if rounding == Rounding::Nearest {
        return sum;
    }
    if sum == 0.0 {
        // An exact cancellation; downwards it gives the negative zero.
        let negative = rounding == Rounding::Down && (a.is_sign_negative() || b.is_sign_negative());
        return if negative { -0.0 } else { sum };
    }
    // Knuth's two-sum: the exact difference between the sum and its rounding.
    let b_part = sum - a;
    let error = (a - (sum - b_part)) + (b - b_part);
    direct(sum, error, rounding)
}

pub fn subtract(a: f64, b: f64, rounding: Rounding) -> f64 {
    add(a, -b, rounding)
}

/// Of positive numbers.
pub fn multiply(a: f64, b: f64, rounding: Rounding) -> f64 {
    let product = a * b;
    if rounding == Rounding::Nearest {
        return product;
    }
    if product.is_infinite() {
        return overflow(a.max(b), rounding);
    }
    direct(product, a.mul_add(b, -product), rounding)
}

/// Of positive numbers.
pub fn divide(a: f64, b: f64, rounding: Rounding) -> f64 {
    let quotient = a / b;
    if rounding == Rounding::Nearest {
        return quotient;
    }
    if quotient.is_infinite() {
        return overflow(a, rounding);
    }
    direct(quotient, (-quotient).mul_add(b, a), rounding)
}

/// Of a positive number.
pub fn square_root(a: f64, rounding: Rounding) -> f64 {
    let root = a.sqrt();
    if rounding == Rounding::Nearest || root.is_infinite() {
        return root;
    }
    direct(root, (-root).mul_add(root, a), rounding)
}

/// What a result beyond all numbers becomes; an infinite operand leaves no choice.
fn overflow(largest_operand: f64, rounding: Rounding) -> f64 {
    match rounding {
        Rounding::Down | Rounding::Zero if largest_operand.is_finite() => f64::MAX,
        _ => f64::INFINITY,
    }
}

/// `nearest` moved in the direction of `error`, the sign of what was rounded away, where the mode demands it.
fn direct(nearest: f64, error: f64, rounding: Rounding) -> f64 {
    let down = error < 0.0;
    let up = error > 0.0;
    match rounding {
        Rounding::Down if down => nearest.next_down(),
        Rounding::Up if up => nearest.next_up(),
        Rounding::Zero if down && nearest > 0.0 => nearest.next_down(),
        Rounding::Zero if up && nearest < 0.0 => nearest.next_up(),
        _ => nearest,
    }
}
