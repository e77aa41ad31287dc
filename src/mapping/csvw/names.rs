//! The words of CSVW: its properties, prefixes and datatypes.
//!
//! In: names from a metadata document. Out: IRIs and XSD datatypes.

use crate::rdf::xsd::Datatype;

/// Prefixes that every metadata document may use.
///
/// Spec: metadata §5.2, "Names of Common Properties"
pub const PREFIXES: &[(&str, &str)] = crate::rdf::prefixes::INITIAL_CONTEXT;

/// The IRI of a prefixed name with a known prefix.
pub fn expand_prefix(name: &str) -> Option<String> {
    let (prefix, local) = name.split_once(':')?;
    if local.starts_with("//") {
        return None;
    }
    PREFIXES
        .iter()
        .find(|(known, _)| *known == prefix)
        .map(|(_, namespace)| format!("{namespace}{local}"))
}

/// Properties that columns inherit from schemas, tables and groups.
pub const INHERITED: &[&str] = &[
    "aboutUrl",
    "datatype",
    "default",
    "lang",
    "null",
    "ordered",
    "propertyUrl",
    "required",
    "separator",
    "textDirection",
    "valueUrl",
];

/// The properties of a table group.
pub const TABLE_GROUP: &[&str] = &[
    "@context",
    "@id",
    "@type",
    "dialect",
    "notes",
    "tableDirection",
    "tableSchema",
    "tables",
    "transformations",
];

/// The properties of a table.
pub const TABLE: &[&str] = &[
    "@context",
    "@id",
    "@type",
    "dialect",
    "notes",
    "suppressOutput",
    "tableDirection",
    "tableSchema",
    "transformations",
    "url",
];

/// The properties of a schema.
pub const SCHEMA: &[&str] = &[
    "@context",
    "@id",
    "@type",
    "columns",
    "foreignKeys",
    "primaryKey",
    "rowTitles",
];

/// The properties of a column.
pub const COLUMN: &[&str] = &[
    "@id",
    "@type",
    "name",
    "suppressOutput",
    "titles",
    "virtual",
];

/// The properties of a dialect.
pub const DIALECT: &[&str] = &[
    "@context",
    "@id",
    "@type",
    "commentPrefix",
    "delimiter",
    "doubleQuote",
    "encoding",
    "header",
    "headerRowCount",
    "lineTerminators",
    "quoteChar",
    "skipBlankRows",
    "skipColumns",
    "skipInitialSpace",
    "skipRows",
    "trim",
];

/// The properties of a datatype.
pub const DATATYPE: &[&str] = &[
    "@id",
    "@type",
    "base",
    "format",
    "length",
    "maxExclusive",
    "maxInclusive",
    "maxLength",
    "maximum",
    "minExclusive",
    "minInclusive",
    "minLength",
    "minimum",
];

/// The properties of a transformation.
pub const TRANSFORMATION: &[&str] = &[
    "@id",
    "@type",
    "scriptFormat",
    "source",
    "targetFormat",
    "titles",
    "url",
];

/// The properties of a foreign key.
pub const FOREIGN_KEY: &[&str] = &["columnReference", "reference"];

/// The properties of a foreign key's reference.
pub const REFERENCE: &[&str] = &["columnReference", "resource", "schemaReference"];

/// The datatypes by the name that a metadata document gives them, with their IRIs' last part.
///
/// Spec: metadata §5.11.1
const DATATYPES: &[(&str, Datatype, &str)] = &[
    ("any", Datatype::AnyAtomicType, "anyAtomicType"),
    ("anyAtomicType", Datatype::AnyAtomicType, "anyAtomicType"),
    ("anyURI", Datatype::AnyUri, "anyURI"),
    ("base64Binary", Datatype::Base64Binary, "base64Binary"),
    ("binary", Datatype::Base64Binary, "base64Binary"),
    ("boolean", Datatype::Boolean, "boolean"),
    ("byte", Datatype::Byte, "byte"),
    ("date", Datatype::Date, "date"),
    ("dateTime", Datatype::DateTime, "dateTime"),
    ("dateTimeStamp", Datatype::DateTimeStamp, "dateTimeStamp"),
    ("datetime", Datatype::DateTime, "dateTime"),
    (
        "dayTimeDuration",
        Datatype::DayTimeDuration,
        "dayTimeDuration",
    ),
    ("decimal", Datatype::Decimal, "decimal"),
    ("double", Datatype::Double, "double"),
    ("duration", Datatype::Duration, "duration"),
    ("float", Datatype::Float, "float"),
    ("gDay", Datatype::GDay, "gDay"),
    ("gMonth", Datatype::GMonth, "gMonth"),
    ("gMonthDay", Datatype::GMonthDay, "gMonthDay"),
    ("gYear", Datatype::GYear, "gYear"),
    ("gYearMonth", Datatype::GYearMonth, "gYearMonth"),
    ("hexBinary", Datatype::HexBinary, "hexBinary"),
    ("int", Datatype::Int, "int"),
    ("integer", Datatype::Integer, "integer"),
    ("language", Datatype::Language, "language"),
    ("long", Datatype::Long, "long"),
    ("Name", Datatype::Name, "Name"),
    (
        "negativeInteger",
        Datatype::NegativeInteger,
        "negativeInteger",
    ),
    ("NMTOKEN", Datatype::NmToken, "NMTOKEN"),
    (
        "nonNegativeInteger",
        Datatype::NonNegativeInteger,
        "nonNegativeInteger",
    ),
    (
        "nonPositiveInteger",
        Datatype::NonPositiveInteger,
        "nonPositiveInteger",
    ),
    (
        "normalizedString",
        Datatype::NormalizedString,
        "normalizedString",
    ),
    ("number", Datatype::Double, "double"),
    (
        "positiveInteger",
        Datatype::PositiveInteger,
        "positiveInteger",
    ),
    ("QName", Datatype::QName, "QName"),
    ("short", Datatype::Short, "short"),
    ("string", Datatype::String, "string"),
    ("time", Datatype::Time, "time"),
    ("token", Datatype::Token, "token"),
    ("unsignedByte", Datatype::UnsignedByte, "unsignedByte"),
    ("unsignedInt", Datatype::UnsignedInt, "unsignedInt"),
    ("unsignedLong", Datatype::UnsignedLong, "unsignedLong"),
    ("unsignedShort", Datatype::UnsignedShort, "unsignedShort"),
    (
        "yearMonthDuration",
        Datatype::YearMonthDuration,
        "yearMonthDuration",
    ),
];

/// The XSD datatype and the datatype IRI of a CSVW datatype name.
pub fn datatype(name: &str) -> Option<(Datatype, String)> {
    match name {
        "json" => {
            return Some((
                Datatype::Markup,
                "http://www.w3.org/ns/csvw#JSON".to_owned(),
            ));
        }
        "xml" => {
            return Some((
                Datatype::Markup,
                "http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral".to_owned(),
            ));
        }
        "html" => {
            return Some((
                Datatype::Markup,
                "http://www.w3.org/1999/02/22-rdf-syntax-ns#HTML".to_owned(),
            ));
        }
        _ => {}
    }
    DATATYPES
        .iter()
        .find(|(known, _, _)| *known == name)
        .map(|(_, datatype, local)| (*datatype, format!("{}{local}", crate::rdf::vocab::xsd::NS)))
}

/// The names of all datatypes, for messages.
pub fn datatype_names() -> impl Iterator<Item = &'static str> {
    DATATYPES
        .iter()
        .map(|(name, _, _)| *name)
        .chain(["json", "xml", "html"])
}

/// Whether an IRI is that of a datatype of the specification.
pub fn datatype_of_iri(iri: &str) -> bool {
    datatype_names()
        .filter_map(datatype)
        .any(|(_, known)| known == iri)
}
