//! The words of RML, in both vocabularies: what a property says, whichever way it is spelt.
//!
//! In: IRIs of a mapping. Out: [`Property`], and the names that stand near a misspelt one.

use crate::diagnostic::nearest;

/// `http://w3id.org/rml/`
pub const RML: &str = "http://w3id.org/rml/";
/// R2RML, which the vocabulary before `rml:` builds on.
pub const RR: &str = "http://www.w3.org/ns/r2rml#";
/// The vocabulary before [`RML`].
pub const OLD_RML: &str = "http://semweb.mmlab.be/ns/rml#";
/// Functions in the vocabulary before [`RML`].
pub const FNML: &str = "http://semweb.mmlab.be/ns/fnml#";
/// Targets in the vocabulary before [`RML`].
pub const RMLT: &str = "http://semweb.mmlab.be/ns/rml-target#";
/// Reference formulations in the vocabulary before [`RML`].
pub const QL: &str = "http://semweb.mmlab.be/ns/ql#";
/// The function ontology.
pub const FNO: &str = "https://w3id.org/function/ontology#";
const FNO_HTTP: &str = "http://w3id.org/function/ontology#";
/// CSV on the Web.
pub const CSVW: &str = "http://www.w3.org/ns/csvw#";
/// Data catalogs.
pub const DCAT: &str = "http://www.w3.org/ns/dcat#";
/// Descriptions of data sets.
pub const VOID: &str = "http://rdfs.org/ns/void#";
/// What CARML adds: its file sources.
pub const CARML: &str = "http://carml.taxonic.com/carml/";

/// The namespaces in which a name that is not known is a mistake, each with the prefix people use.
pub const NAMESPACES: &[(&str, &str)] = &[
    (RML, "rml"),
    (RR, "rr"),
    (OLD_RML, "rml"),
    (FNML, "fnml"),
    (RMLT, "rmlt"),
];

macro_rules! properties {
    ($($name:ident: $($namespace:ident $local:literal),+;)+) => {
        /// What a property says, whichever vocabulary it is of.
        ///
        /// Variants are named as the property of the newer vocabulary.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is documented where the vocabulary is")]
        pub enum Property {
            $($name,)+
        }

        /// Each property with its spellings, as namespace and name; the first is the one to write.
        pub const PROPERTIES: &[(Property, &[(&str, &str)])] = &[
            $((Property::$name, &[$(($namespace, $local)),+]),)+
        ];
    };
}

properties! {
    LogicalSource: RML "logicalSource", OLD_RML "logicalSource", RR "logicalTable";
    SubjectMap: RML "subjectMap", RR "subjectMap", OLD_RML "subjectMap";
    Subject: RML "subject", RR "subject", OLD_RML "subject";
    PredicateObjectMap: RML "predicateObjectMap", RR "predicateObjectMap", OLD_RML "predicateObjectMap";
    PredicateMap: RML "predicateMap", RR "predicateMap", OLD_RML "predicateMap";
    Predicate: RML "predicate", RR "predicate", OLD_RML "predicate";
    ObjectMap: RML "objectMap", RR "objectMap", OLD_RML "objectMap";
    Object: RML "object", RR "object", OLD_RML "object";
    GraphMap: RML "graphMap", RR "graphMap", OLD_RML "graphMap";
    Graph: RML "graph", RR "graph", OLD_RML "graph";
    Class: RML "class", RR "class";
    BaseIri: RML "baseIRI", OLD_RML "baseIRI";
    Constant: RML "constant", RR "constant", OLD_RML "constant";
    Reference: RML "reference", OLD_RML "reference", RR "column";
    Template: RML "template", RR "template", OLD_RML "template";
    TermType: RML "termType", RR "termType", OLD_RML "termType";
    Datatype: RML "datatype", RR "datatype", OLD_RML "datatype";
    DatatypeMap: RML "datatypeMap", OLD_RML "datatypeMap", RR "datatypeMap";
    Language: RML "language", RR "language", OLD_RML "language";
    LanguageMap: RML "languageMap", OLD_RML "languageMap", RR "languageMap";
    ParentTriplesMap: RML "parentTriplesMap", RR "parentTriplesMap", OLD_RML "parentTriplesMap";
    JoinCondition: RML "joinCondition", RR "joinCondition", OLD_RML "joinCondition";
    Child: RML "child", RR "child", OLD_RML "child";
    Parent: RML "parent", RR "parent", OLD_RML "parent";
    ChildMap: RML "childMap", OLD_RML "childMap";
    ParentMap: RML "parentMap", OLD_RML "parentMap";
    ChildTermMap: OLD_RML "childTermMap", RR "childTermMap", RML "childTermMap";
    ParentTermMap: OLD_RML "parentTermMap", RR "parentTermMap", RML "parentTermMap";
    QuotedTriplesMap: RML "quotedTriplesMap", OLD_RML "quotedTriplesMap", OLD_RML "subjectTriplesMap";
    Gather: RML "gather", OLD_RML "gather";
    GatherAs: RML "gatherAs", OLD_RML "gatherAs";
    AllowEmpty: RML "allowEmptyListAndContainer", OLD_RML "allowEmptyListAndContainer";
    Strategy: RML "strategy", OLD_RML "strategy";
    FunctionExecution: RML "functionExecution", FNML "functionValue", FNML "execution", RML "functionValue", OLD_RML "functionExecution";
    Function: RML "function", FNML "function", FNO "executes", FNO_HTTP "executes";
    FunctionMap: RML "functionMap", FNML "functionMap";
    Return: RML "return", FNML "return", RML "returns", FNML "returns";
    ReturnMap: RML "returnMap", FNML "returnMap";
    Input: RML "input", FNML "input";
    Parameter: RML "parameter", FNML "parameter";
    ParameterMap: RML "parameterMap", FNML "parameterMap";
    InputValue: RML "inputValue", FNML "inputValue", FNML "value", RML "value";
    InputValueMap: RML "inputValueMap", FNML "inputValueMap", FNML "valueMap", RML "valueMap";
    Condition: RML "condition", OLD_RML "condition", FNML "condition";
    Source: RML "source", OLD_RML "source";
    ReferenceFormulation: RML "referenceFormulation", OLD_RML "referenceFormulation";
    Iterator: RML "iterator", OLD_RML "iterator";
    Query: RML "query", OLD_RML "query", RR "sqlQuery", RML "sqlQuery";
    TableName: RR "tableName", RML "tableName", OLD_RML "tableName";
    SqlVersion: RR "sqlVersion", OLD_RML "sqlVersion";
    Root: RML "root", OLD_RML "root";
    Path: RML "path", OLD_RML "path";
    Encoding: RML "encoding", OLD_RML "encoding", RMLT "encoding";
    Compression: RML "compression", OLD_RML "compression", RMLT "compression";
    Null: RML "null", OLD_RML "null";
    ViewOn: RML "viewOn";
    Field: RML "field";
    FieldName: RML "fieldName";
    LeftJoin: RML "leftJoin";
    InnerJoin: RML "innerJoin";
    ParentLogicalView: RML "parentLogicalView";
    LogicalTarget: RML "logicalTarget", OLD_RML "logicalTarget", RMLT "logicalTarget";
    Target: RML "target", RMLT "target", OLD_RML "target";
    Serialization: RML "serialization", RMLT "serialization", OLD_RML "serialization";
    CsvwUrl: CSVW "url";
    CsvwDialect: CSVW "dialect";
    CsvwNull: CSVW "null";
    DownloadUrl: DCAT "downloadURL", DCAT "downloadUrl";
    AccessUrl: DCAT "accessURL";
    Distribution: DCAT "distribution";
    DataDump: VOID "dataDump", DCAT "dataDump";
    CarmlUrl: CARML "url";
}

/// Names that are right but say nothing that a run needs.
const UNUSED: &[&str] = &[
    "structuralAnnotation",
    "onFields",
    "targetView",
    "targetFields",
    "namespace",
    "namespacePrefix",
    "namespaceURL",
    "inverseExpression",
    "version",
];

/// The classes of both vocabularies.
const CLASSES: &[&str] = &[
    "TriplesMap",
    "AssertedTriplesMap",
    "NonAssertedTriplesMap",
    "LogicalSource",
    "AbstractLogicalSource",
    "BaseSource",
    "LogicalTable",
    "BaseTableOrView",
    "R2RMLView",
    "LogicalView",
    "LogicalViewJoin",
    "LogicalTarget",
    "Source",
    "Target",
    "RelativePathSource",
    "RelativePathTarget",
    "RelativePath",
    "FilePath",
    "Iterable",
    "ReferenceFormulation",
    "XPathReferenceFormulation",
    "Namespace",
    "Encoding",
    "Compression",
    "Serialization",
    "ExpressionMap",
    "TermMap",
    "SubjectMap",
    "PredicateMap",
    "ObjectMap",
    "RefObjectMap",
    "GraphMap",
    "DatatypeMap",
    "LanguageMap",
    "PredicateObjectMap",
    "Join",
    "ChildMap",
    "ParentMap",
    "StarMap",
    "GatherMap",
    "Strategy",
    "Field",
    "ExpressionField",
    "IterableField",
    "FunctionExecution",
    "Execution",
    "FunctionTermMap",
    "FunctionMap",
    "FunctionValuedTermMap",
    "Input",
    "ParameterMap",
    "ReturnMap",
    "ValueMap",
    "InputValueMap",
    "StructuralAnnotation",
    "PrimaryKeyAnnotation",
    "ForeignKeyAnnotation",
    "UniqueAnnotation",
    "NotNullAnnotation",
    "NonNullableAnnotation",
    "IriSafeAnnotation",
    "IRISafeAnnotation",
    "InclusionAnnotation",
    "InclusionDependencyAnnotation",
    "DataDump",
    "EventStreamTarget",
    "LDESEventStreamTarget",
];

impl Property {
    /// The property that an IRI stands for.
    pub fn of(iri: &str) -> Option<Self> {
        // The namespaces are few and none begins like another, so most IRIs fail at the first letters.
        PROPERTIES.iter().find_map(|(property, spellings)| {
            spellings
                .iter()
                .any(|(namespace, local)| iri.strip_prefix(namespace) == Some(*local))
                .then_some(*property)
        })
    }

    /// Its spellings, as namespace and name.
    pub fn spellings(self) -> &'static [(&'static str, &'static str)] {
        PROPERTIES
            .iter()
            .find(|(property, _)| *property == self)
            .map_or(&[], |(_, spellings)| *spellings)
    }

    /// Its name in messages, such as `rml:subjectMap`.
    pub fn name(self) -> String {
        let (namespace, local) = self.spellings().first().copied().unwrap_or_default();
        format!("{}:{local}", prefix(namespace))
    }
}

fn prefix(namespace: &str) -> &'static str {
    match namespace {
        RR => "rr",
        FNML => "fnml",
        RMLT => "rmlt",
        CSVW => "csvw",
        DCAT => "dcat",
        VOID => "void",
        CARML => "carml",
        FNO | FNO_HTTP => "fno",
        QL => "ql",
        _ => "rml",
    }
}

/// The name behind one of [`NAMESPACES`], with the namespace.
pub fn split(iri: &str) -> Option<(&'static str, &str)> {
    NAMESPACES
        .iter()
        .find_map(|(namespace, _)| Some((*namespace, iri.strip_prefix(namespace)?)))
}

/// Whether a property of one of [`NAMESPACES`] is known to be right.
pub fn is_known_property(iri: &str) -> bool {
    Property::of(iri).is_some() || split(iri).is_none_or(|(_, local)| UNUSED.contains(&local))
}

/// Whether a class of one of [`NAMESPACES`] is known to be right.
pub fn is_known_class(iri: &str) -> bool {
    split(iri).is_none_or(|(_, local)| CLASSES.contains(&local))
}

/// The property that was meant by one that is not known, as a prefixed name and as an IRI: the same
/// name in another namespace, else the name nearest to it, in the same namespace first.
pub fn nearest_property(iri: &str) -> Option<(String, String)> {
    let (namespace, local) = split(iri)?;
    let all = || {
        PROPERTIES
            .iter()
            .flat_map(|(_, spellings)| spellings.iter())
    };
    // Names of the newer vocabulary do not belong in documents in the older one, nor the other way.
    let is_alike = |other: &str| (namespace == RML) == (other == RML);
    let in_namespaces = |is_wanted: &dyn Fn(&str) -> bool| {
        let candidates = all().filter(|(other, _)| is_wanted(other));
        nearest(local, candidates.map(|(_, name)| *name))
    };
    let found = in_namespaces(&|other| other == namespace)
        .map(|name| (namespace, name))
        .filter(|(_, name)| name.eq_ignore_ascii_case(local))
        .or_else(|| {
            all()
                .find(|(other, name)| is_alike(other) && *name == local)
                .map(|(other, name)| (*other, *name))
        })
        .or_else(|| in_namespaces(&|other| other == namespace).map(|name| (namespace, name)))
        .or_else(|| {
            let name = in_namespaces(&|other| is_alike(other) && split(other).is_some())?;
            all()
                .find(|(other, local)| is_alike(other) && *local == name)
                .map(|(other, local)| (*other, *local))
        })?;
    let (namespace, name) = found;
    Some((
        format!("{}:{name}", prefix(namespace)),
        format!("{namespace}{name}"),
    ))
}

/// The class that was meant by one that is not known, as a prefixed name.
pub fn nearest_class(iri: &str) -> Option<String> {
    let (namespace, local) = split(iri)?;
    let name = nearest(local, CLASSES.iter().copied())?;
    Some(format!("{}:{name}", prefix(namespace)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_vocabularies_say_the_same() {
        for iri in [
            "http://w3id.org/rml/subjectMap",
            "http://www.w3.org/ns/r2rml#subjectMap",
        ] {
            assert_eq!(Property::of(iri), Some(Property::SubjectMap), "{iri}");
        }
        assert_eq!(Property::of("http://example.com/subjectMap"), None);
        assert_eq!(Property::SubjectMap.name(), "rml:subjectMap");
    }

    #[test]
    fn misspelt_names_have_a_right_one_near() {
        let near = |iri: String| nearest_property(&iri).map(|(name, _)| name);
        assert_eq!(
            near(format!("{RR}termtype")).as_deref(),
            Some("rr:termType")
        );
        assert_eq!(
            near(format!("{RR}dataType")).as_deref(),
            Some("rr:datatype")
        );
        assert_eq!(
            near(format!("{RR}reference")).as_deref(),
            Some("rml:reference")
        );
        assert_eq!(
            near(format!("{RML}subjetMap")).as_deref(),
            Some("rml:subjectMap")
        );
        assert_eq!(near(format!("{RML}zzzzzzz")), None);
        assert_eq!(
            nearest_class(&format!("{RML}expressionField")).as_deref(),
            Some("rml:ExpressionField")
        );
    }
}
