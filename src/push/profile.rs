//! Where servers have their end points, and what is odd about them.
//!
//! In: the address that a user gives. Out: [`Endpoints`] and [`Quirks`]. What a product does otherwise
//! than the protocols say is written down here and nowhere else.

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The address is that of the graph store; those for queries and updates have to be given.
    Gsp,
    /// Oxigraph's server: `/store`, `/query`, `/update`.
    Oxigraph,
    /// `OpenLink` Virtuoso 7: `/sparql-graph-crud-auth`, `/sparql`, `/sparql-auth`.
    Virtuoso,
    /// RDF4J: the address is that of a repository.
    Rdf4j,
    /// `GraphDB`: as RDF4J, whose protocol it speaks.
    Graphdb,
    /// Apache Jena Fuseki: the address is that of a dataset.
    Fuseki,
    /// Stardog: the address is that of a database.
    Stardog,
    /// Amazon Neptune: the address is that of the cluster.
    Neptune,
}

/// The addresses of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The graph store.
    pub store: String,
    /// Where queries go.
    pub query: Option<String>,
    /// Where updates go.
    pub update: Option<String>,
}

/// What is odd about a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quirks {
    /// The media type of N-Triples.
    pub triples: &'static str,
    /// Whether a PUT that breaks off leaves the graph as it was.
    pub is_put_atomic: bool,
    /// Whether there is a default graph that can be written to.
    pub has_default_graph: bool,
}

impl Profile {
    /// All, with the names that the command line gives them.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("gsp", Self::Gsp),
        ("oxigraph", Self::Oxigraph),
        ("virtuoso", Self::Virtuoso),
        ("rdf4j", Self::Rdf4j),
        ("graphdb", Self::Graphdb),
        ("fuseki", Self::Fuseki),
        ("stardog", Self::Stardog),
        ("neptune", Self::Neptune),
    ];

    /// The profile of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, profile)| *profile)
    }

    /// Where a server at `address` has its end points.
    ///
    /// Sources: Oxigraph's and Virtuoso's servers themselves; the documentation of the RDF4J REST API
    /// (`/repositories/ID`, `…/statements`, `…/rdf-graphs/service`), which `GraphDB` takes over; Fuseki's "Server
    /// Protocol" (`/DS/data`, `/DS/query`, `/DS/update`); Stardog's HTTP API (`/DB`, `/DB/query`, `/DB/update`); the user
    /// guide of Neptune (`/sparql`, `/sparql/gsp/`).
    pub fn endpoints(self, address: &str) -> Endpoints {
        let base = address.trim_end_matches('/');
        let at = |store: &str, query: &str, update: &str| Endpoints {
            store: format!("{base}{store}"),
            query: Some(format!("{base}{query}")),
            update: Some(format!("{base}{update}")),
        };
        match self {
            Self::Gsp => Endpoints {
                store: address.to_owned(),
                query: None,
                update: None,
            },
            Self::Oxigraph => at("/store", "/query", "/update"),
            Self::Virtuoso => at("/sparql-graph-crud-auth", "/sparql", "/sparql-auth"),
            Self::Rdf4j | Self::Graphdb => at("/rdf-graphs/service", "", "/statements"),
            Self::Fuseki => at("/data", "/query", "/update"),
            Self::Stardog => at("", "/query", "/update"),
            Self::Neptune => at("/sparql/gsp/", "/sparql", "/sparql"),
        }
    }

    /// What is odd about it.
    pub fn quirks(self) -> Quirks {
        let usual = Quirks {
            triples: "application/n-triples",
            is_put_atomic: true,
            has_default_graph: true,
        };
        match self {
            // A POST that breaks off leaves half of it; a PUT deletes first and inserts then, so it gets
            // the staging graph too. It has no default graph: that is all graphs together.
            Self::Virtuoso => Quirks {
                triples: "text/turtle",
                is_put_atomic: false,
                has_default_graph: false,
            },
            // "The default graph" of a query is all graphs together; what a PUT to it replaces is a graph
            // of its own name.
            Self::Neptune => Quirks {
                has_default_graph: false,
                ..usual
            },
            _ => usual,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // From the documentation that `endpoints` names.
    #[test]
    fn end_points_are_where_products_have_them() {
        for (profile, address, store, query, update) in [
            (
                Profile::Rdf4j,
                "http://h:8080/rdf4j-server/repositories/kg",
                "http://h:8080/rdf4j-server/repositories/kg/rdf-graphs/service",
                "http://h:8080/rdf4j-server/repositories/kg",
                "http://h:8080/rdf4j-server/repositories/kg/statements",
            ),
            (
                Profile::Fuseki,
                "http://h:3030/ds/",
                "http://h:3030/ds/data",
                "http://h:3030/ds/query",
                "http://h:3030/ds/update",
            ),
            (
                Profile::Neptune,
                "https://h:8182",
                "https://h:8182/sparql/gsp/",
                "https://h:8182/sparql",
                "https://h:8182/sparql",
            ),
        ] {
            let found = profile.endpoints(address);
            assert_eq!(found.store, store);
            assert_eq!(found.query.as_deref(), Some(query));
            assert_eq!(found.update.as_deref(), Some(update));
        }
    }
}
