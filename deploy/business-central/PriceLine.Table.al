/// What was asked, and one price of the answer. Never stored.
table 50100 "Pricelane Price Line"
{
    Caption = 'Pricelane Price Line';
    TableType = Temporary;
    DataClassification = CustomerContent;

    fields
    {
        field(1; "Entry No."; Integer) { }
        // What was asked. The customer and the item are those that were found.
        field(2; "Customer No."; Code[20]) { }
        field(3; "Item No."; Code[20]) { }
        field(4; "Asked Currency"; Code[10]) { }
        field(5; "Asked Quantity"; Decimal) { }
        field(6; "Asked Date"; Date) { }
        // 'price', 'no item', 'no customer', 'no currency' or 'failed'.
        field(7; Outcome; Text[20]) { }
        // From this quantity on, in the base unit of measure.
        field(8; Quantity; Decimal) { }
        field(9; "Unit Price"; Decimal) { AutoFormatType = 2; }
        field(10; "Line Discount %"; Decimal) { }
        field(11; "Currency Code"; Code[10]) { }
        field(12; "Price Includes Tax"; Boolean) { }
        field(13; "Tax %"; Decimal) { }
        field(14; "Tax Is Known"; Boolean) { }
        field(15; "Unit of Measure Code"; Code[10]) { }
        // Whether the rows together tell the price of every quantity.
        field(16; "Is Whole Ladder"; Boolean) { }
        // The first day on which the price may be another one; none where no price list names one.
        field(17; "Valid Until"; Date) { }
    }

    keys
    {
        key(Key1; "Entry No.") { Clustered = true; }
    }
}
