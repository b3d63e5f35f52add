/// GET …/priceListLines: when lines of sales price lists were changed, and of what they are. No prices.
page 50101 "Pricelane Price List Lines"
{
    PageType = API;
    APIPublisher = 'pricelane';
    APIGroup = 'shop';
    APIVersion = 'v1.0';
    EntityName = 'priceListLine';
    EntitySetName = 'priceListLines';
    SourceTable = "Price List Line";
    SourceTableView = where("Price Type" = filter(Any | Sale));
    ODataKeyFields = SystemId;
    DataAccessIntent = ReadOnly;
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
                field(id; Rec.SystemId) { }
                field(assetType; Rec."Asset Type") { }
                field(assetNumber; Rec."Asset No.") { }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { }
            }
        }
    }
}
