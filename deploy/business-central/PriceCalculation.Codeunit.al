/// Prices an item for a customer as a sales order's line is priced, by the price calculation that the company has set up.
codeunit 50100 "Pricelane Price Calculation"
{
    Access = Internal;

    var
        PriceOutcomeTok: Label 'price', Locked = true;
        NoItemOutcomeTok: Label 'no item', Locked = true;
        NoCustomerOutcomeTok: Label 'no customer', Locked = true;
        NoCurrencyOutcomeTok: Label 'no currency', Locked = true;
        FailedOutcomeTok: Label 'failed', Locked = true;

    /// Fills Lines: one row for each quantity at which the price may change, or one that says why there is none.
    procedure Answer(Asked: Record "Pricelane Price Line" temporary; var Lines: Record "Pricelane Price Line" temporary)
    var
        Customer: Record Customer;
        Item: Record Item;
        CurrencyCode: Code[10];
    begin
        if not Customer.Get(Asked."Customer No.") then
            AddWithout(Asked, NoCustomerOutcomeTok, Lines)
        else
            if not FindItem(Asked."Item No.", Item) then
                AddWithout(Asked, NoItemOutcomeTok, Lines)
            else
                if not FindCurrency(Asked."Asked Currency", CurrencyCode) then
                    AddWithout(Asked, NoCurrencyOutcomeTok, Lines)
                else
                    if not TryAddPrices(Asked, Customer, Item, CurrencyCode, Lines) then begin
                        // An error here would end the parts of the batch that follow.
                        Lines.DeleteAll();
                        AddWithout(Asked, FailedOutcomeTok, Lines);
                    end;
    end;

    local procedure AddWithout(Asked: Record "Pricelane Price Line" temporary; Outcome: Text[20]; var Lines: Record "Pricelane Price Line" temporary)
    begin
        Lines := Asked;
        Lines."Entry No." := 1;
        Lines.Outcome := Outcome;
        Lines.Insert();
    end;

    local procedure FindItem(ItemNo: Code[20]; var Item: Record Item): Boolean
    begin
        if not Item.Get(ItemNo) then
            exit(false);
        exit(not Item.Blocked and not Item."Sales Blocked");
    end;

    /// The company's own currency has the empty code here; shops name it as all others.
    local procedure FindCurrency(AskedCurrency: Code[10]; var CurrencyCode: Code[10]): Boolean
    var
        GeneralLedgerSetup: Record "General Ledger Setup";
        Currency: Record Currency;
    begin
        GeneralLedgerSetup.Get();
        CurrencyCode := '';
        if AskedCurrency in ['', GeneralLedgerSetup."LCY Code"] then
            exit(true);
        if not Currency.Get(AskedCurrency) then begin
            Currency.SetRange("ISO Code", CopyStr(AskedCurrency, 1, MaxStrLen(Currency."ISO Code")));
            if not Currency.FindFirst() then
                exit(false);
        end;
        CurrencyCode := Currency.Code;
        exit(true);
    end;

    local procedure ToIsoCode(CurrencyCode: Code[10]): Code[10]
    var
        GeneralLedgerSetup: Record "General Ledger Setup";
        Currency: Record Currency;
    begin
        if CurrencyCode = '' then begin
            GeneralLedgerSetup.Get();
            exit(GeneralLedgerSetup."LCY Code");
        end;
        Currency.Get(CurrencyCode);
        if Currency."ISO Code" <> '' then
            exit(Currency."ISO Code");
        exit(Currency.Code);
    end;

    [TryFunction]
    local procedure TryAddPrices(Asked: Record "Pricelane Price Line" temporary; Customer: Record Customer; Item: Record Item; CurrencyCode: Code[10]; var Lines: Record "Pricelane Price Line" temporary)
    var
        TempSalesHeader: Record "Sales Header" temporary;
        TempSalesLine: Record "Sales Line" temporary;
        Breaks: Codeunit "Pricelane Price Breaks";
        Quantities: List of [Decimal];
        Quantity: Decimal;
        IsTaxKnown: Boolean;
        IsWhole: Boolean;
        ValidUntil: Date;
        EntryNo: Integer;
    begin
        MakeHeader(Customer, Asked, CurrencyCode, TempSalesHeader);
        IsTaxKnown := MakeLine(Item, TempSalesHeader, TempSalesLine);
        IsWhole := Breaks.Find(Item, Asked."Asked Date", Quantities, ValidUntil);
        if not IsWhole then begin
            Clear(Quantities);
            Quantities.Add(Asked."Asked Quantity");
        end;
        foreach Quantity in Quantities do begin
            EntryNo += 1;
            Lines := Asked;
            Lines."Entry No." := EntryNo;
            Lines."Customer No." := Customer."No.";
            Lines."Item No." := Item."No.";
            Lines.Outcome := CopyStr(PriceOutcomeTok, 1, MaxStrLen(Lines.Outcome));
            Lines.Quantity := Quantity;
            Lines."Currency Code" := ToIsoCode(TempSalesHeader."Currency Code");
            Lines."Price Includes Tax" := TempSalesHeader."Prices Including VAT";
            Lines."Tax %" := TempSalesLine."VAT %";
            Lines."Tax Is Known" := IsTaxKnown;
            Lines."Unit of Measure Code" := TempSalesLine."Unit of Measure Code";
            Lines."Is Whole Ladder" := IsWhole;
            Lines."Valid Until" := ValidUntil;
            SetPrice(TempSalesHeader, TempSalesLine, Lines);
            Lines.Insert();
        end;
    end;

    /// An order of today, in memory alone. Price and discount groups are the bill-to customer's, as in an order.
    local procedure MakeHeader(Customer: Record Customer; Asked: Record "Pricelane Price Line" temporary; CurrencyCode: Code[10]; var TempSalesHeader: Record "Sales Header" temporary)
    var
        BillToCustomer: Record Customer;
        GeneralLedgerSetup: Record "General Ledger Setup";
        CurrencyExchangeRate: Record "Currency Exchange Rate";
    begin
        BillToCustomer := Customer;
        if Customer."Bill-to Customer No." <> '' then
            BillToCustomer.Get(Customer."Bill-to Customer No.");
        GeneralLedgerSetup.Get();
        TempSalesHeader."Document Type" := TempSalesHeader."Document Type"::Order;
        TempSalesHeader."Sell-to Customer No." := Customer."No.";
        TempSalesHeader."Bill-to Customer No." := BillToCustomer."No.";
        TempSalesHeader."Order Date" := Asked."Asked Date";
        TempSalesHeader."Posting Date" := Asked."Asked Date";
        TempSalesHeader."Document Date" := Asked."Asked Date";
        TempSalesHeader."Customer Price Group" := BillToCustomer."Customer Price Group";
        TempSalesHeader."Customer Disc. Group" := BillToCustomer."Customer Disc. Group";
        TempSalesHeader."Allow Line Disc." := BillToCustomer."Allow Line Disc.";
        TempSalesHeader."Prices Including VAT" := BillToCustomer."Prices Including VAT";
        TempSalesHeader."Price Calculation Method" := BillToCustomer.GetPriceCalculationMethod();
        if GeneralLedgerSetup."Bill-to/Sell-to VAT Calc." = GeneralLedgerSetup."Bill-to/Sell-to VAT Calc."::"Bill-to/Pay-to No." then
            TempSalesHeader."VAT Bus. Posting Group" := BillToCustomer."VAT Bus. Posting Group"
        else
            TempSalesHeader."VAT Bus. Posting Group" := Customer."VAT Bus. Posting Group";
        TempSalesHeader."Currency Code" := CurrencyCode;
        if Asked."Asked Currency" = '' then
            TempSalesHeader."Currency Code" := BillToCustomer."Currency Code";
        if TempSalesHeader."Currency Code" <> '' then
            TempSalesHeader."Currency Factor" := CurrencyExchangeRate.ExchangeRate(Asked."Asked Date", TempSalesHeader."Currency Code");
    end;

    /// Returns whether the rate of its tax is known: sales tax hangs on an address, and has none here.
    local procedure MakeLine(Item: Record Item; TempSalesHeader: Record "Sales Header" temporary; var TempSalesLine: Record "Sales Line" temporary): Boolean
    var
        VATPostingSetup: Record "VAT Posting Setup";
    begin
        TempSalesLine."Document Type" := TempSalesHeader."Document Type";
        TempSalesLine.Type := TempSalesLine.Type::Item;
        TempSalesLine."No." := Item."No.";
        TempSalesLine."Sell-to Customer No." := TempSalesHeader."Sell-to Customer No.";
        TempSalesLine."Bill-to Customer No." := TempSalesHeader."Bill-to Customer No.";
        TempSalesLine."Unit of Measure Code" := Item."Base Unit of Measure";
        TempSalesLine."Qty. per Unit of Measure" := 1;
        TempSalesLine."Currency Code" := TempSalesHeader."Currency Code";
        TempSalesLine."Customer Price Group" := TempSalesHeader."Customer Price Group";
        TempSalesLine."Customer Disc. Group" := TempSalesHeader."Customer Disc. Group";
        TempSalesLine."Allow Line Disc." := TempSalesHeader."Allow Line Disc.";
        TempSalesLine."Price Calculation Method" := TempSalesHeader."Price Calculation Method";
        TempSalesLine."VAT Bus. Posting Group" := TempSalesHeader."VAT Bus. Posting Group";
        TempSalesLine."VAT Prod. Posting Group" := Item."VAT Prod. Posting Group";
        if not VATPostingSetup.Get(TempSalesLine."VAT Bus. Posting Group", TempSalesLine."VAT Prod. Posting Group") then
            exit(false);
        TempSalesLine."VAT Calculation Type" := VATPostingSetup."VAT Calculation Type";
        case VATPostingSetup."VAT Calculation Type" of
            VATPostingSetup."VAT Calculation Type"::"Normal VAT":
                TempSalesLine."VAT %" := VATPostingSetup."VAT %";
            VATPostingSetup."VAT Calculation Type"::"Reverse Charge VAT":
                TempSalesLine."VAT %" := 0;
            else
                exit(false);
        end;
        exit(true);
    end;

    local procedure SetPrice(TempSalesHeader: Record "Sales Header" temporary; TempSalesLine: Record "Sales Line" temporary; var Line: Record "Pricelane Price Line" temporary)
    var
        PriceCalculationMgt: Codeunit "Price Calculation Mgt.";
        LineWithPrice: Interface "Line With Price";
        PriceCalculation: Interface "Price Calculation";
        PriceType: Enum "Price Type";
        Priced: Variant;
    begin
        TempSalesLine.Quantity := Line.Quantity;
        TempSalesLine."Quantity (Base)" := Line.Quantity;
        // By the line itself, so that an extension that prices lines in its own way is asked as well.
        TempSalesLine.GetLineWithPrice(LineWithPrice);
        LineWithPrice.SetLine(PriceType::Sale, TempSalesHeader, TempSalesLine);
        PriceCalculationMgt.GetHandler(LineWithPrice, PriceCalculation);
        PriceCalculation.ApplyDiscount();
        PriceCalculation.ApplyPrice(0);
        PriceCalculation.GetLine(Priced);
        TempSalesLine := Priced;
        Line."Unit Price" := TempSalesLine."Unit Price";
        Line."Line Discount %" := TempSalesLine."Line Discount %";
    end;
}
