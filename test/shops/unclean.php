<?php
/** What php-lint.test.ts must find. */
function unclean( $value ){
  return $value; }
