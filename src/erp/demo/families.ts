import type { UnitCode } from "./units.js";

export type TaxRate = "20" | "10" | "5.5";

/** One kind of product; its variants are all pairs of `first` and `second`, in every range. */
export interface Item {
  readonly noun: string;
  readonly first: readonly string[];
  readonly second: readonly string[];
  /** The lowest and the highest public price, in cents. */
  readonly cents: readonly [number, number];
  readonly unit: UnitCode;
  readonly taxRate: TaxRate;
}

export interface Family {
  /** Four letters: what its SKUs begin with. */
  readonly code: FamilyCode;
  readonly name: string;
  readonly items: readonly Item[];
}

export type FamilyCode = "ELEC" | "PLOM" | "QUIN" | "BURO" | "NETT" | "OUTI" | "PEIN" | "CHAU" | "EMBA" | "CAFE";

function item(
  noun: string,
  first: string,
  second: string,
  cents: [number, number],
  unit: UnitCode = "piece",
  taxRate: TaxRate = "20",
): Item {
  return { noun, first: first.split("|"), second: second.split("|"), cents, unit, taxRate };
}

/** Invented names of product ranges. */
export const ranges =
  "Alto|Brio|Cadence|Dolmen|Estran|Filao|Garrigue|Horizon|Indigo|Jonquille|Kaolin|Lavande|Mistral|Noroît|Opale|Parvis".split(
    "|",
  );

export const families: readonly Family[] = [
  {
    code: "ELEC",
    name: "Électricité",
    items: [
      item("Disjoncteur modulaire", "1P+N|2P|3P|4P", "10 A|16 A|20 A|25 A|32 A|40 A", [690, 8900]),
      item("Câble rigide R2V", "3G1,5|3G2,5|5G1,5|5G2,5|5G6", "noir|gris|couronne|touret", [78, 890], "metre"),
      item("Prise de courant 2P+T", "blanche|anthracite|alu|sable", "à vis|à griffes|étanche", [320, 2890]),
      item("Connecteur de fil", "2 entrées|3 entrées|5 entrées", "rigide|souple|universel", [1250, 4990], "hundred"),
      item("Gaine ICTA", "Ø 16|Ø 20|Ø 25|Ø 32", "grise|bleue|verte|rouge", [34, 210], "metre"),
      item("Interrupteur différentiel", "30 mA|300 mA", "25 A|40 A|63 A", [2890, 14900]),
      item("Tube LED T8", "60 cm|120 cm|150 cm", "3000 K|4000 K|6500 K", [540, 1890]),
    ],
  },
  {
    code: "PLOM",
    name: "Plomberie",
    items: [
      item("Tube cuivre écroui", "Ø 12|Ø 14|Ø 16|Ø 18|Ø 22", "barre|couronne", [410, 1490], "metre"),
      item("Raccord à compression", "coudé|droit|en té", "Ø 12|Ø 14|Ø 16|Ø 20", [240, 1190]),
      item("Mitigeur de lavabo", "chromé|noir mat|inox brossé", "bec haut|bec bas|bec orientable", [3900, 24900]),
      item("Joint fibre", "12/17|15/21|20/27|26/34", "standard|haute température", [390, 1450], "hundred"),
      item("Tube PER gainé", "Ø 12|Ø 16|Ø 20|Ø 25", "bleu|rouge", [59, 310], "metre"),
      item("Siphon de lavabo", "PVC|laiton|inox", "Ø 32|Ø 40", [390, 3890]),
      item("Robinet d'arrêt", "mâle|femelle|à purge", "15/21|20/27|26/34", [590, 2990]),
    ],
  },
  {
    code: "QUIN",
    name: "Quincaillerie",
    items: [
      item(
        "Vis à bois tête fraisée",
        "3,5×30|4×40|4,5×50|5×60|6×80",
        "zinguée|inox A2|bichromatée",
        [145, 2390],
        "hundred",
      ),
      item("Cheville à expansion", "Ø 6|Ø 8|Ø 10|Ø 12", "nylon|universelle|béton", [290, 2890], "hundred"),
      item("Boulon tête hexagonale", "M6×40|M8×50|M10×60|M12×80", "classe 8.8|inox A4", [890, 11900], "hundred"),
      item("Pointe tête plate", "2,7×50|3×60|3,5×80", "acier|galvanisée", [290, 890], "kilogram"),
      item("Charnière universelle", "80 mm|100 mm|120 mm", "acier|laiton|inox", [210, 1490]),
      item("Serrure à encastrer", "axe 40|axe 50", "à cylindre|à clé L|à condamnation", [1290, 9900]),
      item("Rivet aveugle", "3,2×8|4×10|4,8×12", "alu|acier|inox", [490, 2190], "box"),
    ],
  },
  {
    code: "BURO",
    name: "Bureau",
    items: [
      item("Ramette de papier A4", "75 g|80 g|90 g|100 g", "blanc|ivoire|recyclé", [390, 1190]),
      item("Stylo à bille", "bleu|noir|rouge|vert", "pointe fine|pointe moyenne", [1490, 8900], "carton"),
      item("Classeur à levier", "dos 50|dos 80", "bleu|noir|rouge|vert|gris", [189, 690]),
      item("Fauteuil de bureau", "tissu|maille|similicuir", "noir|gris|bleu", [8900, 48900]),
      item(
        "Guide technique du bâtiment",
        "électricité|plomberie|accessibilité",
        "broché|relié",
        [1890, 8900],
        "piece",
        "5.5",
      ),
      item("Enveloppe", "DL|C5|C4", "avec fenêtre|sans fenêtre", [590, 2490], "carton"),
      item("Chemise cartonnée", "160 g|210 g|250 g", "assorties|bleues|jaunes", [990, 2990], "box"),
    ],
  },
  {
    code: "NETT",
    name: "Nettoyage",
    items: [
      item("Nettoyant multi-usage", "pin|citron|sans parfum", "prêt à l'emploi|concentré", [190, 1490], "litre"),
      item("Gants nitrile non poudrés", "taille S|taille M|taille L|taille XL", "bleus|noirs", [690, 1790], "box"),
      item("Sac poubelle", "30 l|50 l|110 l|130 l", "noir|translucide", [690, 2490], "carton"),
      item("Essuie-mains", "lisse|gaufré", "1 pli|2 plis|3 plis", [290, 1290], "roll"),
      item("Chariot de lavage", "1 seau|2 seaux", "avec presse|sans presse", [5900, 28900]),
      item("Savon atelier", "microbilles|gel|poudre", "bidon|recharge", [390, 1890], "kilogram"),
      item("Frange microfibre", "40 cm|60 cm", "à poches|à languettes|velcro", [390, 1590]),
    ],
  },
  {
    code: "OUTI",
    name: "Outillage",
    items: [
      item("Perceuse visseuse", "12 V|18 V", "nue|1 batterie|2 batteries", [6900, 34900]),
      item("Foret béton SDS", "Ø 6|Ø 8|Ø 10|Ø 12|Ø 16", "160 mm|210 mm|310 mm", [290, 2490]),
      item("Tournevis isolé 1000 V", "plat 3|plat 4|PH1|PH2|PZ2", "court|long", [390, 1690]),
      item("Disque à tronçonner", "Ø 115|Ø 125|Ø 230", "acier|inox|matériaux", [95, 890]),
      item("Pince coupante", "diagonale|de côté|de bout", "140 mm|160 mm|180 mm", [1290, 5900]),
      item("Niveau à bulle", "40 cm|60 cm|100 cm|200 cm", "alu|magnétique", [990, 8900]),
      item("Embout de vissage", "PH2|PZ2|TX20|TX25", "25 mm|50 mm", [2490, 9900], "box"),
    ],
  },
  {
    code: "PEIN",
    name: "Peinture",
    items: [
      item("Peinture acrylique mate", "blanc|blanc cassé|gris perle|sable", "mur|plafond", [690, 2490], "litre"),
      item("Lasure bois", "chêne clair|noyer|incolore", "satinée|mate", [990, 3290], "litre"),
      item("Rouleau manchon", "180 mm|250 mm", "poils courts|poils moyens|poils longs", [290, 1890]),
      item("Ruban de masquage", "19 mm|25 mm|38 mm|50 mm", "standard|extérieur|délicat", [149, 890], "roll"),
      item("Enduit de rebouchage", "poudre|pâte", "intérieur|extérieur", [190, 990], "kilogram"),
      item("Bâche de protection", "4×5 m|5×12 m", "légère|épaisse", [120, 1290]),
      item("Papier abrasif", "grain 80|grain 120|grain 180|grain 240", "à sec|à l'eau", [1890, 5900], "box"),
    ],
  },
  {
    code: "CHAU",
    name: "Chauffage",
    items: [
      item("Radiateur à inertie", "750 W|1000 W|1500 W|2000 W", "horizontal|vertical", [18900, 89000]),
      item("Granulés de bois", "sac 15 kg|vrac", "résineux|feuillus", [31, 59], "kilogram", "10"),
      item("Bûches densifiées", "jour|nuit", "hêtre|mélange feuillus", [35, 79], "kilogram", "10"),
      item("Thermostat d'ambiance", "filaire|radio", "hebdomadaire|connecté", [3900, 24900]),
      item("Vanne thermostatique", "équerre|droite", "3/8|1/2|3/4", [1490, 5900]),
      item("Isolant de tuyauterie", "Ø 15|Ø 18|Ø 22|Ø 28", "9 mm|13 mm|19 mm", [69, 490], "metre"),
      item("Circulateur de chauffage", "25-40|25-60|32-80", "130 mm|180 mm", [11900, 54900]),
    ],
  },
  {
    code: "EMBA",
    name: "Emballage",
    items: [
      item("Caisse carton", "300×200×150|400×300×300|600×400×400", "simple cannelure|double cannelure", [45, 390]),
      item("Ruban adhésif", "havane|transparent|imprimé fragile", "48 mm|72 mm", [99, 690], "roll"),
      item("Film étirable", "17 µm|20 µm|23 µm", "manuel|machine", [690, 4900], "roll"),
      item("Étiquette d'expédition", "100×50|100×150", "thermique|laser", [1290, 4900], "box"),
      item("Pochette matelassée", "n° 1|n° 3|n° 5|n° 8", "brune|blanche", [990, 6900], "carton"),
      item("Feuillard polypropylène", "12 mm|16 mm", "noir|blanc", [4, 19], "metre"),
      item("Agrafe de cerclage", "13 mm|16 mm|19 mm", "crantée|lisse", [390, 1890], "hundred"),
    ],
  },
  {
    code: "CAFE",
    name: "Pause et accueil",
    items: [
      item("Café en grains", "arabica|robusta|mélange", "doux|corsé|décaféiné", [890, 2890], "kilogram", "5.5"),
      item("Sucre en bûchettes", "blanc|roux", "4 g|5 g", [1190, 2990], "carton", "5.5"),
      item("Eau minérale", "plate|gazeuse", "50 cl|1 l|1,5 l", [29, 110], "piece", "5.5"),
      item("Boisson chaude à emporter", "café|thé|chocolat", "20 cl|30 cl", [90, 250], "piece", "10"),
      item("Gobelet carton", "10 cl|20 cl|30 cl", "blanc|kraft", [390, 1490], "box"),
      item("Sachet de thé", "noir|vert|menthe", "nature|bio", [1190, 3490], "box", "5.5"),
      item("Biscuit emballé", "spéculoos|palmier|sablé", "individuel|par deux", [1490, 4490], "carton", "5.5"),
    ],
  },
];
