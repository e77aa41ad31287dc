//! IRIs of the vocabularies that the program itself writes or reads.

/// The RDF vocabulary.
pub mod rdf {
    use oxrdf::NamedNodeRef;
    /// `rdf:type`
    pub const TYPE: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/1999/02/22-rdf-syntax-ns#type");
    /// `rdf:first`
    pub const FIRST: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/1999/02/22-rdf-syntax-ns#first");
    /// `rdf:rest`
    pub const REST: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/1999/02/22-rdf-syntax-ns#rest");
    /// `rdf:nil`
    pub const NIL: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/1999/02/22-rdf-syntax-ns#nil");
}

/// The RDF Schema vocabulary.
pub mod rdfs {
    use oxrdf::NamedNodeRef;
    /// `rdfs:comment`
    pub const COMMENT: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/2000/01/rdf-schema#comment");
}

/// The provenance ontology.
pub mod prov {
    use oxrdf::NamedNodeRef;
    /// `prov:Activity`
    pub const ACTIVITY: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#Activity");
    /// `prov:Usage`
    pub const USAGE: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#Usage");
    /// `prov:wasGeneratedBy`
    pub const WAS_GENERATED_BY: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#wasGeneratedBy");
    /// `prov:qualifiedUsage`
    pub const QUALIFIED_USAGE: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#qualifiedUsage");
    /// `prov:entity`
    pub const ENTITY: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#entity");
    /// `prov:hadRole`
    pub const HAD_ROLE: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#hadRole");
}

/// The XML Schema datatypes, as plain strings.
pub mod xsd {
    /// The namespace.
    pub const NS: &str = "http://www.w3.org/2001/XMLSchema#";
    /// `xsd:string`
    pub const STRING: &str = "http://www.w3.org/2001/XMLSchema#string";
    /// `xsd:integer`
    pub const INTEGER: &str = "http://www.w3.org/2001/XMLSchema#integer";
    /// `xsd:boolean`
    pub const BOOLEAN: &str = "http://www.w3.org/2001/XMLSchema#boolean";
    /// `xsd:decimal`
    pub const DECIMAL: &str = "http://www.w3.org/2001/XMLSchema#decimal";
    /// `xsd:double`
    pub const DOUBLE: &str = "http://www.w3.org/2001/XMLSchema#double";
}

/// The CSVW vocabulary, which standard mode of csv2rdf writes.
pub mod csvw {
    use oxrdf::NamedNodeRef;
    /// The namespace.
    pub const NS: &str = "http://www.w3.org/ns/csvw#";
    /// `csvw:TableGroup`
    pub const TABLE_GROUP: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/csvw#TableGroup");
    /// `csvw:Table`
    pub const TABLE: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/csvw#Table");
    /// `csvw:Row`
    pub const ROW: NamedNodeRef<'_> = NamedNodeRef::new_unchecked("http://www.w3.org/ns/csvw#Row");
    /// `csvw:table`
    pub const HAS_TABLE: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/csvw#table");
    /// `csvw:row`
    pub const HAS_ROW: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/csvw#row");
    /// `csvw:rownum`
    pub const ROWNUM: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/csvw#rownum");
    /// `csvw:url`
    pub const URL: NamedNodeRef<'_> = NamedNodeRef::new_unchecked("http://www.w3.org/ns/csvw#url");
    /// `csvw:describes`
    pub const DESCRIBES: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/csvw#describes");
    /// `csvw:title`
    pub const TITLE: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/csvw#title");
    /// `csvw:csvEncodedTabularData`
    pub const CSV_ENCODED: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/csvw#csvEncodedTabularData");
    /// `csvw:tabularMetadata`
    pub const TABULAR_METADATA: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/csvw#tabularMetadata");
    /// `csvw:note`
    pub const NOTE: NamedNodeRef<'_> =
        NamedNodeRef::new_unchecked("http://www.w3.org/ns/csvw#note");
}
