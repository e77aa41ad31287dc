//! The functions that mappings may call: a table from IRIs to Rust functions.
//!
//! In: the IRI of a function, and values. Out: a value, or a fault in words. What a mapping document says of
//! functions, and when they run, is elsewhere.
//!
//! Functions are pure: the same arguments give the same value, on every machine. Those that would need a clock, chance, files, the
//! network or a memory of other rows are not here; [`refused`] says which and why.
//!
//! # To add a function
//!
//! 1. Write `fn name(values: &[Value<'_>]) -> Result<Value<'static>, String>` in the file of its theme (`text`, `replace`,
//!    `encode`, `list`, `logic`, `number`, `date`, `idlab`). It gets as many values as it has parameters, each of the
//!    [`Kind`] that its parameter asks for or [`Value::Null`]; a null in a required parameter does not reach it, unless
//!    [`Nulls::Given`] says so. An `Err` says what is wrong with the values.
//! 2. Add one entry to `FUNCTIONS` in the same file: the IRIs, the parameters with all their spellings, the IRIs
//!    that may name its output. The macros `grel!`, `idlab!` and `morph!` write the names out in all
//!    namespaces in use.
//! 3. Add a line to the tests of the file, with a value that somebody else says is right.

mod argument;
mod date;
mod encode;
mod idlab;
mod list;
mod logic;
mod names;
mod number;
mod pattern;
mod replace;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub use date::Moment;
pub use value::Value;

use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::LazyLock;

/// The greatest length of a text that a function makes, in bytes.
pub const LONGEST_TEXT: usize = 1 << 20;

/// The greatest number of items of a list that a function makes.
pub const LONGEST_LIST: usize = 100_000;

/// What a parameter takes or a function returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any value, as it is.
    Any,
    /// A text; other values are written as texts.
    Text,
    /// A boolean; of texts those of `xsd:boolean`, in any case.
    Boolean,
    /// A whole number that fits 64 bits.
    Integer,
    /// A whole number or a double.
    Number,
    /// A date, with a time or without; of texts those of `xsd:date` and `xsd:dateTime`.
    Date,
    /// A date with a time; texts as for [`Kind::Date`].
    DateTime,
    /// A list; another value is a list of one.
    List,
}

/// A parameter of a function.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// For people.
    pub name: &'static str,
    /// All IRIs by which mappings call it.
    pub iris: &'static [&'static str],
    /// Whether a mapping has to give it.
    pub required: bool,
    /// What it takes.
    pub kind: Kind,
}

/// What becomes of a null in a required parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// The function is not run, its value is null.
    Result,
    /// The function is given the null.
    Given,
}

/// A function.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// For people: the local part of the IRI that is used most.
    pub name: &'static str,
    /// All IRIs by which mappings call it.
    pub iris: &'static [&'static str],
    /// In the order in which values are given.
    pub parameters: &'static [Parameter],
    /// The IRIs by which mappings name its output.
    pub outputs: &'static [&'static str],
    /// What it returns, or null.
    pub returns: Kind,
    /// What becomes of nulls.
    pub nulls: Nulls,
    /// What it does, in a sentence.
    pub description: &'static str,
    call: fn(&[Value<'_>]) -> Result<Value<'static>, String>,
}

/// Why a function has no value for its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionFault {
    /// The name of the function.
    pub function: &'static str,
    /// The name of the parameter whose value is at fault, where it is one's.
    pub parameter: Option<&'static str>,
    /// What was expected, and what was there.
    pub message: String,
}

impl fmt::Display for FunctionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parameter {
            Some(parameter) => write!(
                f,
                "`{}` of `{}`: {}",
                parameter, self.function, self.message
            ),
            None => write!(f, "`{}`: {}", self.function, self.message),
        }
    }
}

impl std::error::Error for FunctionFault {}

impl Function {
    /// Calls the function with `arguments`, which are in the order of its parameters; what is missing at the end is null.
    ///
    /// A text is read as a number, boolean or date where the parameter asks for one. A list in a parameter that takes
    /// one value calls the function for each item, several lists for each combination, the last one's items changing fastest; the
    /// value is then a list.
    ///
    /// # Errors
    ///
    /// A value that the parameter does not take, arguments outside of what the function is defined for, results over
    /// [`LONGEST_TEXT`] or [`LONGEST_LIST`].
    pub fn call(&self, arguments: &[Value<'_>]) -> Result<Value<'static>, FunctionFault> {
        argument::call(self, arguments)
    }

    /// The position of the parameter that `iri` names, from 0.
    ///
    /// A parameter that takes the members of a sequence is named by `rdf:_1`, `rdf:_2` and so on; who calls orders them by
    /// that number.
    pub fn parameter(&self, iri: &str) -> Option<usize> {
        self.parameters.iter().position(|parameter| {
            parameter.iris.contains(&iri)
                || (parameter.iris.contains(&names::MEMBER) && names::is_member(iri))
        })
    }

    /// Whether `iri` names the output.
    pub fn has_output(&self, iri: &str) -> bool {
        self.outputs.contains(&iri)
    }
}

/// The function that `iri` names.
pub fn find(iri: &str) -> Option<&'static Function> {
    static BY_IRI: LazyLock<FxHashMap<&'static str, &'static Function>> = LazyLock::new(|| {
        all()
            .iter()
            .flat_map(|function| function.iris.iter().map(move |iri| (*iri, function)))
            .collect()
    });
    BY_IRI.get(iri).copied()
}

/// All functions, by theme.
pub fn all() -> &'static [Function] {
    static ALL: LazyLock<Vec<Function>> = LazyLock::new(|| {
        [
            text::FUNCTIONS,
            replace::FUNCTIONS,
            encode::FUNCTIONS,
            list::FUNCTIONS,
            logic::FUNCTIONS,
            number::FUNCTIONS,
            date::FUNCTIONS,
            idlab::FUNCTIONS,
        ]
        .concat()
    });
    &ALL
}

/// The IRI of the function whose local name is nearest to that of `iri`, if any is near.
///
/// Of equally near names the one in the namespace of `iri`, then the first of the table.
pub fn nearest(iri: &str) -> Option<&'static str> {
    names::nearest(
        iri,
        all()
            .iter()
            .flat_map(|function| function.iris.iter().copied()),
    )
}

/// The IRI of the parameter of `function` whose local name is nearest to that of `iri`, if any is near.
pub fn nearest_parameter(function: &Function, iri: &str) -> Option<&'static str> {
    names::nearest(
        iri,
        function
            .parameters
            .iter()
            .flat_map(|parameter| parameter.iris.iter().copied()),
    )
}

/// Why a function that others have is not here, where `iri` names one.
pub fn refused(iri: &str) -> Option<&'static str> {
    names::refused(iri)
}
