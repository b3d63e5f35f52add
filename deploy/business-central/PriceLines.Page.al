/// GET …/api/pricelane/shop/v1.0/companies(…)/priceLines, filtered by customer, item, quantity and date, each with eq.
page 50100 "Pricelane Price Lines"
{
    PageType = API;
    APIPublisher = 'pricelane';
    APIGroup = 'shop';
    APIVersion = 'v1.0';
    EntityName = 'priceLine';
    EntitySetName = 'priceLines';
    SourceTable = "Pricelane Price Line";
    SourceTableTemporary = true;
    ODataKeyFields = "Entry No.";
    Editable = false;
    InsertAllowed = false;
    ModifyAllowed = false;
    DeleteAllowed = false;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(Lines)
            {
                field(entryNumber; Rec."Entry No.") { }
                field(customerNumber; Rec."Customer No.") { }
                field(itemNumber; Rec."Item No.") { }
                field(askedCurrency; Rec."Asked Currency") { }
                field(askedQuantity; Rec."Asked Quantity") { }
                field(askedDate; Rec."Asked Date") { }
                field(outcome; Rec.Outcome) { }
                field(quantity; Rec.Quantity) { }
                field(unitPrice; Rec."Unit Price") { }
                field(lineDiscountPercent; Rec."Line Discount %") { }
                field(currencyCode; Rec."Currency Code") { }
                field(priceIncludesTax; Rec."Price Includes Tax") { }
                field(taxPercent; Rec."Tax %") { }
                field(taxIsKnown; Rec."Tax Is Known") { }
                field(unitOfMeasureCode; Rec."Unit of Measure Code") { }
                field(isWholeLadder; Rec."Is Whole Ladder") { }
                field(validUntil; Rec."Valid Until") { }
            }
        }
    }

    var
        IsFilled: Boolean;
        NotFilteredErr: Label 'Filter priceLines by customerNumber, itemNumber, askedQuantity and askedDate, each with eq.', Locked = true;

    trigger OnFindRecord(Which: Text): Boolean
    begin
        if not IsFilled then
            Fill();
        IsFilled := true;
        exit(Rec.Find(Which));
    end;

    local procedure Fill()
    var
        TempAsked: Record "Pricelane Price Line" temporary;
        PriceCalculation: Codeunit "Pricelane Price Calculation";
    begin
        if (Rec.GetFilter("Customer No.") = '') or (Rec.GetFilter("Item No.") = '') or
           (Rec.GetFilter("Asked Quantity") = '') or (Rec.GetFilter("Asked Date") = '')
        then
            Error(NotFilteredErr);
        TempAsked."Customer No." := Rec.GetRangeMin("Customer No.");
        TempAsked."Item No." := Rec.GetRangeMin("Item No.");
        TempAsked."Asked Quantity" := Rec.GetRangeMin("Asked Quantity");
        TempAsked."Asked Date" := Rec.GetRangeMin("Asked Date");
        if Rec.GetFilter("Asked Currency") <> '' then
            TempAsked."Asked Currency" := Rec.GetRangeMin("Asked Currency");
        PriceCalculation.Answer(TempAsked, Rec);
    end;
}
