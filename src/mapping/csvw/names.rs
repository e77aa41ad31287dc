//! The words of CSVW: its properties, prefixes and datatypes.
//!
//! In: names from a metadata document. Out: IRIs and XSD datatypes.

use crate::rdf::xsd::Datatype;

/// Prefixes that every metadata document may use.
///
/// Spec: metadata §5.2, "Names of Common Properties"; `RDFa` Core Initial Context
pub const PREFIXES: &[(&str, &str)] = &[
    ("as", "https://www.w3.org/ns/activitystreams#"),
    ("cc", "http://creativecommons.org/ns#"),
    ("csvw", "http://www.w3.org/ns/csvw#"),
    ("ctag", "http://commontag.org/ns#"),
    ("dc", "http://purl.org/dc/terms/"),
    ("dc11", "http://purl.org/dc/elements/1.1/"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("dctypes", "http://purl.org/dc/dcmitype/"),
    ("dqv", "http://www.w3.org/ns/dqv#"),
    ("duv", "https://www.w3.org/ns/duv#"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("gr", "http://purl.org/goodrelations/v1#"),
    ("grddl", "http://www.w3.org/2003/g/data-view#"),
    ("ical", "http://www.w3.org/2002/12/cal/icaltzd#"),
    ("ldp", "http://www.w3.org/ns/ldp#"),
    ("ma", "http://www.w3.org/ns/ma-ont#"),
    ("oa", "http://www.w3.org/ns/oa#"),
    ("odrl", "http://www.w3.org/ns/odrl/2/"),
    ("og", "http://ogp.me/ns#"),
    ("org", "http://www.w3.org/ns/org#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("qb", "http://purl.org/linked-data/cube#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfa", "http://www.w3.org/ns/rdfa#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("rev", "http://purl.org/stuff/rev#"),
    ("rif", "http://www.w3.org/2007/rif#"),
    ("rr", "http://www.w3.org/ns/r2rml#"),
    ("schema", "http://schema.org/"),
    ("sd", "http://www.w3.org/ns/sparql-service-description#"),
    ("sioc", "http://rdfs.org/sioc/ns#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("skosxl", "http://www.w3.org/2008/05/skos-xl#"),
    ("sosa", "http://www.w3.org/ns/sosa/"),
    ("ssn", "http://www.w3.org/ns/ssn/"),
    ("time", "http://www.w3.org/2006/time#"),
    ("v", "http://rdf.data-vocabulary.org/#"),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
    ("void", "http://rdfs.org/ns/void#"),
    ("wdr", "http://www.w3.org/2007/05/powder#"),
    ("wdrs", "http://www.w3.org/2007/05/powder-s#"),
    ("xhv", "http://www.w3.org/1999/xhtml/vocab#"),
    ("xml", "http://www.w3.org/XML/1998/namespace"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

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
