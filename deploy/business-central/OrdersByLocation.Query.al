/// GET …/ordersByLocation: what sales orders, released or not, still have to ship, in base units.
query 50101 "Pricelane Orders By Location"
{
    QueryType = API;
    APIPublisher = 'pricelane';
    APIGroup = 'shop';
    APIVersion = 'v1.0';
    EntityName = 'ordersByLocation';
    EntitySetName = 'ordersByLocation';
    DataAccessIntent = ReadOnly;

    elements
    {
        dataitem(SalesLine; "Sales Line")
        {
            DataItemTableFilter = "Document Type" = const(Order), Type = const(Item);

            column(itemNumber; "No.") { }
            column(locationCode; "Location Code") { }
            column(quantity; "Outstanding Qty. (Base)") { Method = Sum; }
        }
    }
}
