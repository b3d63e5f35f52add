/// Where an item's price can change: the smallest quantities and the days of the price list lines that may bear on it.
codeunit 50101 "Pricelane Price Breaks"
{
    Access = Internal;

    /// More quantities than these are not worth asking one by one.
    local procedure MostQuantities(): Integer
    begin
        exit(20);
    end;

    /// Whose line it is plays no part: a quantity at which this customer's price does not change does no harm.
    /// Returns whether the quantities are known: the old tables of prices, before price lists, are not read.
    procedure Find(Item: Record Item; Today: Date; var Quantities: List of [Decimal]; var ValidUntil: Date): Boolean
    var
        PriceCalculationMgt: Codeunit "Price Calculation Mgt.";
        AssetType: Enum "Price Asset Type";
    begin
        Clear(Quantities);
        ValidUntil := 0D;
        if not PriceCalculationMgt.IsExtendedPriceCalculationEnabled() then
            exit(false);
        Quantities.Add(1);
        AddLines(AssetType::Item, Item."No.", Today, Quantities, ValidUntil);
        if Item."Item Disc. Group" <> '' then
            AddLines(AssetType::"Item Discount Group", Item."Item Disc. Group", Today, Quantities, ValidUntil);
        AddLines(AssetType::" ", '', Today, Quantities, ValidUntil);
        exit(Quantities.Count() <= MostQuantities());
    end;

    local procedure AddLines(AssetType: Enum "Price Asset Type"; AssetNo: Code[20]; Today: Date; var Quantities: List of [Decimal]; var ValidUntil: Date)
    var
        PriceListLine: Record "Price List Line";
    begin
        PriceListLine.SetRange(Status, PriceListLine.Status::Active);
        PriceListLine.SetFilter("Price Type", '%1|%2', PriceListLine."Price Type"::Any, PriceListLine."Price Type"::Sale);
        PriceListLine.SetRange("Asset Type", AssetType);
        PriceListLine.SetRange("Asset No.", AssetNo);
        PriceListLine.SetFilter("Ending Date", '%1|>=%2', 0D, Today);
        if PriceListLine.FindSet() then
            repeat
                AddQuantity(PriceListLine."Minimum Quantity", Quantities);
                if PriceListLine."Starting Date" > Today then
                    AddDay(PriceListLine."Starting Date", ValidUntil);
                if PriceListLine."Ending Date" <> 0D then
                    AddDay(PriceListLine."Ending Date" + 1, ValidUntil);
            until PriceListLine.Next() = 0;
    end;

    local procedure AddQuantity(Quantity: Decimal; var Quantities: List of [Decimal])
    begin
        if (Quantity > 1) and not Quantities.Contains(Quantity) then
            Quantities.Add(Quantity);
    end;

    local procedure AddDay(Day: Date; var ValidUntil: Date)
    begin
        if (ValidUntil = 0D) or (Day < ValidUntil) then
            ValidUntil := Day;
    end;
}
