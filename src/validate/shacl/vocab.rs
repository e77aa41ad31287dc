//! The terms of SHACL and of RDF that the validator reads and writes.

use oxrdf::NamedNodeRef;

/// Defines constants for terms of the SHACL namespace.
macro_rules! shacl_terms {
    ($($name:ident = $local:literal),+ $(,)?) => {
        $(
            pub(super) const $name: NamedNodeRef<'static> =
                NamedNodeRef::new_unchecked(concat!("http://www.w3.org/ns/shacl#", $local));
        )+
    };
}

/// The namespace of SHACL.
pub(super) const NAMESPACE: &str = "http://www.w3.org/ns/shacl#";

shacl_terms! {
    // Shapes and targets.
    NODE_SHAPE = "NodeShape",
    PROPERTY_SHAPE = "PropertyShape",
    TARGET_NODE = "targetNode",
    TARGET_CLASS = "targetClass",
    TARGET_SUBJECTS_OF = "targetSubjectsOf",
    TARGET_OBJECTS_OF = "targetObjectsOf",
    DEACTIVATED = "deactivated",
    MESSAGE = "message",
    SEVERITY = "severity",
    ORDER = "order",
    // Paths.
    PATH = "path",
    INVERSE_PATH = "inversePath",
    ALTERNATIVE_PATH = "alternativePath",
    ZERO_OR_MORE_PATH = "zeroOrMorePath",
    ONE_OR_MORE_PATH = "oneOrMorePath",
    ZERO_OR_ONE_PATH = "zeroOrOnePath",
    // Parameters of the core components.
    CLASS = "class",
    DATATYPE = "datatype",
    NODE_KIND = "nodeKind",
    MIN_COUNT = "minCount",
    MAX_COUNT = "maxCount",
    MIN_EXCLUSIVE = "minExclusive",
    MIN_INCLUSIVE = "minInclusive",
    MAX_EXCLUSIVE = "maxExclusive",
    MAX_INCLUSIVE = "maxInclusive",
    MIN_LENGTH = "minLength",
    MAX_LENGTH = "maxLength",
    PATTERN = "pattern",
    FLAGS = "flags",
    LANGUAGE_IN = "languageIn",
    UNIQUE_LANG = "uniqueLang",
    EQUALS = "equals",
    DISJOINT = "disjoint",
    LESS_THAN = "lessThan",
    LESS_THAN_OR_EQUALS = "lessThanOrEquals",
    NOT = "not",
    AND = "and",
    OR = "or",
    XONE = "xone",
    NODE = "node",
    PROPERTY = "property",
    QUALIFIED_VALUE_SHAPE = "qualifiedValueShape",
    QUALIFIED_VALUE_SHAPES_DISJOINT = "qualifiedValueShapesDisjoint",
    QUALIFIED_MIN_COUNT = "qualifiedMinCount",
    QUALIFIED_MAX_COUNT = "qualifiedMaxCount",
    CLOSED = "closed",
    IGNORED_PROPERTIES = "ignoredProperties",
    HAS_VALUE = "hasValue",
    IN = "in",
    // Node kinds.
    IRI = "IRI",
    BLANK_NODE = "BlankNode",
    LITERAL = "Literal",
    BLANK_NODE_OR_IRI = "BlankNodeOrIRI",
    BLANK_NODE_OR_LITERAL = "BlankNodeOrLiteral",
    IRI_OR_LITERAL = "IRIOrLiteral",
    // SPARQL-based constraints and components.
    SPARQL = "sparql",
    SELECT = "select",
    ASK = "ask",
    PREFIXES = "prefixes",
    DECLARE = "declare",
    PREFIX = "prefix",
    NAMESPACE_PROPERTY = "namespace",
    CONSTRAINT_COMPONENT = "ConstraintComponent",
    PARAMETER = "parameter",
    OPTIONAL = "optional",
    VALIDATOR = "validator",
    NODE_VALIDATOR = "nodeValidator",
    PROPERTY_VALIDATOR = "propertyValidator",
    // Validation reports.
    VALIDATION_REPORT = "ValidationReport",
    VALIDATION_RESULT = "ValidationResult",
    CONFORMS = "conforms",
    RESULT = "result",
    DETAIL = "detail",
    FOCUS_NODE = "focusNode",
    RESULT_PATH = "resultPath",
    VALUE = "value",
    SOURCE_SHAPE = "sourceShape",
    SOURCE_CONSTRAINT = "sourceConstraint",
    SOURCE_CONSTRAINT_COMPONENT = "sourceConstraintComponent",
    RESULT_SEVERITY = "resultSeverity",
    RESULT_MESSAGE = "resultMessage",
    VIOLATION = "Violation",
    WARNING = "Warning",
    INFO = "Info",
    // Constraint components.
    CLASS_COMPONENT = "ClassConstraintComponent",
    DATATYPE_COMPONENT = "DatatypeConstraintComponent",
    NODE_KIND_COMPONENT = "NodeKindConstraintComponent",
    MIN_COUNT_COMPONENT = "MinCountConstraintComponent",
    MAX_COUNT_COMPONENT = "MaxCountConstraintComponent",
    MIN_EXCLUSIVE_COMPONENT = "MinExclusiveConstraintComponent",
    MIN_INCLUSIVE_COMPONENT = "MinInclusiveConstraintComponent",
    MAX_EXCLUSIVE_COMPONENT = "MaxExclusiveConstraintComponent",
    MAX_INCLUSIVE_COMPONENT = "MaxInclusiveConstraintComponent",
    MIN_LENGTH_COMPONENT = "MinLengthConstraintComponent",
    MAX_LENGTH_COMPONENT = "MaxLengthConstraintComponent",
    PATTERN_COMPONENT = "PatternConstraintComponent",
    LANGUAGE_IN_COMPONENT = "LanguageInConstraintComponent",
    UNIQUE_LANG_COMPONENT = "UniqueLangConstraintComponent",
    EQUALS_COMPONENT = "EqualsConstraintComponent",
    DISJOINT_COMPONENT = "DisjointConstraintComponent",
    LESS_THAN_COMPONENT = "LessThanConstraintComponent",
    LESS_THAN_OR_EQUALS_COMPONENT = "LessThanOrEqualsConstraintComponent",
    NOT_COMPONENT = "NotConstraintComponent",
    AND_COMPONENT = "AndConstraintComponent",
    OR_COMPONENT = "OrConstraintComponent",
    XONE_COMPONENT = "XoneConstraintComponent",
    NODE_COMPONENT = "NodeConstraintComponent",
    PROPERTY_COMPONENT = "PropertyConstraintComponent",
    QUALIFIED_MIN_COUNT_COMPONENT = "QualifiedMinCountConstraintComponent",
    QUALIFIED_MAX_COUNT_COMPONENT = "QualifiedMaxCountConstraintComponent",
    CLOSED_COMPONENT = "ClosedConstraintComponent",
    HAS_VALUE_COMPONENT = "HasValueConstraintComponent",
    IN_COMPONENT = "InConstraintComponent",
    SPARQL_COMPONENT = "SPARQLConstraintComponent",
}

/// `owl:imports`, followed when prefixes are collected.
pub(super) const OWL_IMPORTS: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/2002/07/owl#imports");
