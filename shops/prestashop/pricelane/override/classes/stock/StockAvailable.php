<?php
class StockAvailable extends StockAvailableCore
{
    public static function getQuantityAvailableByProduct($id_product = null, $id_product_attribute = null, $id_shop = null)
    {
        $module = $id_product !== null ? Module::getInstanceByName('pricelane') : false;
        $quantity = $module ? $module->quantityAvailable((int) $id_product, (int) $id_product_attribute) : null;

        return $quantity === null ? parent::getQuantityAvailableByProduct($id_product, $id_product_attribute, $id_shop) : $quantity;
    }
}
