/// GET …/stockByLocation: what lies where.
query 50100 "Pricelane Stock By Location"
{
    QueryType = API;
    APIPublisher = 'pricelane';
    APIGroup = 'shop';
    APIVersion = 'v1.0';
    EntityName = 'stockByLocation';
    EntitySetName = 'stockByLocation';
    DataAccessIntent = ReadOnly;

    elements
    {
        dataitem(ItemLedgerEntry; "Item Ledger Entry")
        {
            column(itemNumber; "Item No.") { }
            column(locationCode; "Location Code") { }
            column(quantity; Quantity) { Method = Sum; }
        }
    }
}
