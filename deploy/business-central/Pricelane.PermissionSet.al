/// What the application may do beside reading the company's data.
permissionset 50100 "PRICELANE"
{
    Assignable = true;
    Caption = 'Pricelane';
    Permissions =
        table "Pricelane Price Line" = X,
        tabledata "Pricelane Price Line" = RIMD,
        page "Pricelane Price Lines" = X,
        page "Pricelane Price List Lines" = X,
        query "Pricelane Stock By Location" = X,
        query "Pricelane Orders By Location" = X,
        codeunit "Pricelane Price Calculation" = X,
        codeunit "Pricelane Price Breaks" = X;
}
