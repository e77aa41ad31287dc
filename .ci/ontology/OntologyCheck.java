import java.io.File;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.OWLClass;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.model.OWLOntologyManager;
import org.semanticweb.owlapi.profiles.OWLProfileReport;
import org.semanticweb.owlapi.profiles.Profiles;
import org.semanticweb.owlapi.reasoner.OWLReasoner;

/**
 * Checks that the ontology is in OWL 2 DL and RL (OWL API), and that it is consistent, alone and with each graph (HermiT).
 *
 * <p>Arguments: the ontology, then any number of graphs, in RDF/XML; graphs add up. The profiles are those of the
 * ontology alone: date literals of the data are outside the OWL 2 datatypes, which HermiT does not mind.
 */
@SuppressWarnings("deprecation")
public class OntologyCheck {
    private static boolean failed = false;

    public static void main(String[] files) throws Exception {
        OWLOntology ontology = load(OWLManager.createOWLOntologyManager(), files[0]);
        for (Profiles profile : List.of(Profiles.OWL2_DL, Profiles.OWL2_RL)) {
            OWLProfileReport report = profile.checkOntology(ontology);
            say(report.isInProfile(), profile + ": " + report.getViolations().size() + " violations");
            report.getViolations().stream().limit(20).forEach(violation -> System.out.println("  " + violation));
        }
        String what = "ontology";
        consistent(ontology, what);
        for (int i = 1; i < files.length; i++) {
            OWLOntology more = load(OWLManager.createOWLOntologyManager(), files[i]);
            ontology.getOWLOntologyManager().addAxioms(ontology, more.axioms().collect(Collectors.toSet()));
            what += " + " + new File(files[i]).getName().replace(".rdf", "");
            consistent(ontology, what);
        }
        System.exit(failed ? 1 : 0);
    }

    private static OWLOntology load(OWLOntologyManager manager, String file) throws Exception {
        return manager.loadOntologyFromOntologyDocument(new File(file));
    }

    private static void consistent(OWLOntology ontology, String what) {
        OWLReasoner reasoner = new org.semanticweb.HermiT.ReasonerFactory().createReasoner(ontology);
        boolean consistent = reasoner.isConsistent();
        say(consistent, what + " (" + ontology.getAxiomCount() + " axioms): " + (consistent ? "consistent" : "inconsistent"));
        if (consistent) {
            Set<OWLClass> empty = reasoner.getUnsatisfiableClasses().getEntitiesMinusBottom().stream().collect(Collectors.toSet());
            say(empty.isEmpty(), what + ": " + empty.size() + " unsatisfiable classes " + empty);
        }
        reasoner.dispose();
    }

    private static void say(boolean good, String text) {
        System.out.println((good ? "ok    " : "FAIL  ") + text);
        failed |= !good;
    }
}
