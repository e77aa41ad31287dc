//! Functions on numbers.
//!
//! What is exact for whole numbers stays whole; what would not fit 64 bits is a fault, or a double where the function is of doubles.

use super::argument::{any, integer, items, shown};
use super::list::LIST;
use super::names::{OUTPUTS, grel};
use super::text::ANY;
use super::{Function, Kind, Nulls, Parameter, Value};

const NUMBER: Parameter = Parameter {
    name: "p_dec_n",
    iris: grel!("p_dec_n", "param_dec_n", "param_n"),
    required: true,
    kind: Kind::Number,
};

const SECOND: Parameter = Parameter {
    name: "param_n2",
    iris: grel!("param_n2", "param_dec_n2", "p_dec_n2"),
    ..NUMBER
};

const EXPONENT: Parameter = Parameter {
    name: "p_any_exp",
    iris: grel!("p_any_exp", "param_dec_n_exp", "param_n2", "param_dec_n2"),
    ..NUMBER
};

const WHOLE: Parameter = Parameter {
    name: "p_int_i",
    iris: grel!("p_int_i", "param_int_i", "p_dec_n", "param_dec_n"),
    required: true,
    kind: Kind::Integer,
};

const SECOND_WHOLE: Parameter = Parameter {
    name: "p_int_i2",
    iris: grel!("p_int_i2", "param_int_i2", "param_n2", "param_dec_n2"),
    ..WHOLE
};

const ON_NUMBER: Function = Function {
    name: "",
    iris: &[],
    parameters: &[NUMBER],
    outputs: OUTPUTS,
    returns: Kind::Number,
    nulls: Nulls::Result,
    description: "",
    call: |_| Ok(Value::Null),
};

const TO_WHOLE: Function = Function {
    returns: Kind::Integer,
    ..ON_NUMBER
};

const ON_WHOLE: Function = Function {
    parameters: &[WHOLE, SECOND_WHOLE],
    ..TO_WHOLE
};

/// An entry for a function of one double.
macro_rules! real {
    ($name:literal, $description:literal, $function:expr) => {
        Function {
            name: $name,
            iris: grel!($name),
            description: $description,
            call: |values| {
                let function: fn(f64) -> f64 = $function;
                Ok(Value::Double(function(any(values, 0).as_double())))
            },
            ..ON_NUMBER
        }
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "math_floor",
        iris: grel!("math_floor"),
        description: "the greatest whole number that is not greater",
        call: |values| Ok(rounded(any(values, 0), f64::floor)),
        ..TO_WHOLE
    },
    Function {
        name: "math_ceil",
        iris: grel!("math_ceil"),
        description: "the least whole number that is not less",
        call: |values| Ok(rounded(any(values, 0), f64::ceil)),
        ..TO_WHOLE
    },
    Function {
        name: "math_round",
        iris: grel!("math_round"),
        description: "the nearest whole number, of two the greater",
        call: |values| {
            Ok(rounded(any(values, 0), |number| {
                let floor = number.floor();
                if number - floor >= 0.5 {
                    floor + 1.0
                } else {
                    floor
                }
            }))
        },
        ..TO_WHOLE
    },
    Function {
        name: "math_even",
        iris: grel!("math_even"),
        description: "the least even number that is not less",
        call: |values| next(any(values, 0), 0),
        ..TO_WHOLE
    },
    Function {
        name: "math_odd",
        iris: grel!("math_odd"),
        description: "the least odd number that is not less",
        call: |values| next(any(values, 0), 1),
        ..TO_WHOLE
    },
    Function {
        name: "math_abs",
        iris: grel!("math_abs"),
        description: "the number without its sign",
        call: |values| match any(values, 0) {
            Value::Integer(number) => number.checked_abs().map(Value::Integer).ok_or_else(over),
            other => Ok(Value::Double(other.as_double().abs())),
        },
        ..ON_NUMBER
    },
    Function {
        name: "math_min",
        iris: grel!("math_min"),
        parameters: &[NUMBER, SECOND],
        description: "the lesser number",
        call: |values| {
            let (one, other) = (any(values, 0), any(values, 1));
            let is_less = other.as_double() < one.as_double();
            Ok(if is_less { other } else { one }.clone().into_owned())
        },
        ..ON_NUMBER
    },
    Function {
        name: "math_max",
        iris: grel!("math_max"),
        parameters: &[NUMBER, SECOND],
        description: "the greater number",
        call: |values| {
            let (one, other) = (any(values, 0), any(values, 1));
            let is_more = other.as_double() > one.as_double();
            Ok(if is_more { other } else { one }.clone().into_owned())
        },
        ..ON_NUMBER
    },
    Function {
        name: "math_pow",
        iris: grel!("math_pow"),
        parameters: &[NUMBER, EXPONENT],
        description: "the number to the power of the other",
        call: |values| {
            let (base, exponent) = (any(values, 0), any(values, 1));
            if let (Value::Integer(base), Value::Integer(exponent)) = (base, exponent)
                && let Some(power) = u32::try_from(*exponent)
                    .ok()
                    .and_then(|exponent| base.checked_pow(exponent))
            {
                return Ok(Value::Integer(power));
            }
            Ok(Value::Double(base.as_double().powf(exponent.as_double())))
        },
        ..ON_NUMBER
    },
    Function {
        name: "math_atan2",
        iris: grel!("math_atan2"),
        parameters: &[NUMBER, SECOND],
        description: "the angle, in radians, of the point with these ordinate and abscissa",
        call: |values| {
            let (y, x) = (any(values, 0).as_double(), any(values, 1).as_double());
            Ok(Value::Double(y.atan2(x)))
        },
        ..ON_NUMBER
    },
    Function {
        name: "math_quotient",
        iris: grel!("math_quotient"),
        parameters: &[NUMBER, SECOND],
        description: "the whole part of the first number divided by the second",
        call: quotient,
        ..TO_WHOLE
    },
    Function {
        name: "math_mod",
        iris: grel!("math_mod"),
        description: "what is left of the first number divided by the second, with the sign of the first",
        call: |values| {
            let (number, by) = pair(values);
            number
                .checked_rem(by)
                .map(Value::Integer)
                .ok_or_else(|| format!("{number} cannot be divided by {by}"))
        },
        ..ON_WHOLE
    },
    Function {
        name: "math_gcd",
        iris: grel!("math_gcd"),
        description: "the greatest number that divides both",
        call: |values| whole(common(values)),
        ..ON_WHOLE
    },
    Function {
        name: "math_lcm",
        iris: grel!("math_lcm"),
        description: "the least number that both divide",
        call: |values| {
            let (one, other) = pair(values);
            match common(values) {
                0 => Ok(Value::Integer(0)),
                common => {
                    let (one, other) = (i128::from(one).abs(), i128::from(other).abs());
                    whole(one / common * other)
                }
            }
        },
        ..ON_WHOLE
    },
    Function {
        name: "math_combin",
        iris: grel!("math_combin"),
        description: "in how many ways so many things can be taken from so many",
        call: |values| {
            let (all, taken) = pair(values);
            if taken < 0 || taken > all {
                return Ok(Value::Integer(0));
            }
            whole(choose(i128::from(all), i128::from(taken.min(all - taken))).ok_or_else(over)?)
        },
        ..ON_WHOLE
    },
    Function {
        name: "math_fact",
        iris: grel!("math_fact"),
        parameters: &[WHOLE],
        description: "the product of the whole numbers from 1 to this one; 0 below 0",
        call: |values| factorial(integer(values, 0).unwrap_or(0), 1),
        ..ON_WHOLE
    },
    Function {
        name: "math_factn",
        iris: grel!("math_factn"),
        description: "the product of a whole number and those below it by steps, down to 1",
        call: |values| {
            let (number, step) = pair(values);
            factorial(number, step)
        },
        ..ON_WHOLE
    },
    Function {
        name: "math_multinomial",
        iris: grel!("math_multinomial"),
        parameters: &[LIST],
        description: "the factorial of the sum of the items divided by the product of their factorials",
        call: multinomial,
        ..TO_WHOLE
    },
    Function {
        name: "string_toNumber",
        iris: grel!("string_toNumber", "toNumber"),
        parameters: &[Parameter {
            kind: Kind::Number,
            ..ANY
        }],
        description: "the number that a text writes",
        call: |values| Ok(any(values, 0).clone().into_owned()),
        ..ON_NUMBER
    },
    real!("math_ln", "the natural logarithm", f64::ln),
    real!("math_log", "the logarithm to base 10", f64::log10),
    real!("math_exp", "e to the power of the number", f64::exp),
    real!("math_cos", "the cosine of radians", f64::cos),
    real!("math_cosh", "the hyperbolic cosine", f64::cosh),
    real!("math_sin", "the sine of radians", f64::sin),
    real!("math_sinh", "the hyperbolic sine", f64::sinh),
    real!("math_tan", "the tangent of radians", f64::tan),
    real!("math_tanh", "the hyperbolic tangent", f64::tanh),
    real!("math_acos", "the arc cosine, in radians", f64::acos),
    real!("math_asin", "the arc sine, in radians", f64::asin),
    real!("math_atan", "the arc tangent, in radians", f64::atan),
    real!("math_degrees", "radians as degrees", f64::to_degrees),
    real!("math_radians", "degrees as radians", f64::to_radians),
];

fn over() -> String {
    "its value does not fit 64 bits".to_owned()
}

fn whole(number: i128) -> Result<Value<'static>, String> {
    i64::try_from(number)
        .map(Value::Integer)
        .map_err(|_| over())
}

fn pair(values: &[Value<'_>]) -> (i64, i64) {
    (
        integer(values, 0).unwrap_or(0),
        integer(values, 1).unwrap_or(0),
    )
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked before"
)]
fn from_double(number: f64) -> Value<'static> {
    // Doubles beyond are whole, but their last digits are not known.
    if number.abs() < 9e15 {
        Value::Integer(number as i64)
    } else {
        Value::Double(number)
    }
}

fn rounded(number: &Value<'_>, round: impl FnOnce(f64) -> f64) -> Value<'static> {
    match number {
        Value::Integer(number) => Value::Integer(*number),
        other => from_double(round(other.as_double())),
    }
}

// The least whole number with that remainder by 2 that is not less.
fn next(number: &Value<'_>, remainder: i64) -> Result<Value<'static>, String> {
    match rounded(number, f64::ceil) {
        Value::Integer(number) if number.rem_euclid(2) == remainder => Ok(Value::Integer(number)),
        Value::Integer(number) => number.checked_add(1).map(Value::Integer).ok_or_else(over),
        _ => Err(over()),
    }
}

fn quotient(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let (number, by) = (any(values, 0), any(values, 1));
    if let (Value::Integer(number), Value::Integer(by)) = (number, by) {
        return number
            .checked_div(*by)
            .map(Value::Integer)
            .ok_or_else(|| format!("{number} cannot be divided by {by}"));
    }
    let quotient = (number.as_double() / by.as_double()).trunc();
    if quotient.is_finite() {
        Ok(from_double(quotient))
    } else {
        Err(format!(
            "{} cannot be divided by {}",
            shown(number),
            shown(by)
        ))
    }
}

fn common(values: &[Value<'_>]) -> i128 {
    let (one, other) = pair(values);
    let (mut one, mut other) = (i128::from(one).abs(), i128::from(other).abs());
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

// `taken` is at most half of `all`, so the value doubles with each step and is soon too large.
fn choose(all: i128, taken: i128) -> Option<i128> {
    let mut ways: i128 = 1;
    let mut step = 0;
    while step < taken {
        ways = ways.checked_mul(all - step)? / (step + 1);
        step += 1;
    }
    Some(ways)
}

fn factorial(number: i64, step: i64) -> Result<Value<'static>, String> {
    if step < 1 {
        return Err(format!("expected steps of 1 or more, found {step}"));
    }
    if number < 0 {
        return Ok(Value::Integer(0));
    }
    let mut product: i64 = 1;
    let mut factor = number;
    while factor > 1 {
        product = product.checked_mul(factor).ok_or_else(over)?;
        factor = factor.saturating_sub(step);
    }
    Ok(Value::Integer(product))
}

fn multinomial(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let mut all: i128 = 0;
    let mut ways: i128 = 1;
    for item in items(values, 0) {
        let taken = match item.as_number() {
            Some(Value::Integer(taken @ 0..)) => i128::from(taken),
            _ => {
                return Err(format!(
                    "expected whole numbers from 0, found `{}`",
                    shown(item)
                ));
            }
        };
        all += taken;
        let ways_here = choose(all, taken.min(all - taken)).ok_or_else(over)?;
        ways = ways.checked_mul(ways_here).ok_or_else(over)?;
    }
    whole(ways)
}
